/** The part of the WebAssembly API that is used here: TypeScript declares it only for browsers. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
}

/** A compiled module; can be posted to worker threads. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string;
}

interface WasmApi {
  readonly Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (
    module: WasmModule,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
}

export const { Memory, Module, Instance } = (globalThis as unknown as { readonly WebAssembly: WasmApi }).WebAssembly;

const pageBytes = 65_536;
/** 32-bit addresses. */
export const maximumBytes = 2 ** 32;

/** A shared memory of at least `bytes`, all zero. Its size is fixed. */
export function sharedMemory(bytes: number): WasmMemory {
  const pages = Math.max(1, Math.ceil(bytes / pageBytes));
  return new Memory({ initial: pages, maximum: pages, shared: true });
}
