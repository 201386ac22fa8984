import { open } from "node:fs/promises";
import type { WeightSource } from "../../../generators/imported.js";
import type { Network } from "../../../runtime/layers/index.js";

/** Arrays that were read, by file and name: what a test counts. */
export const reads: string[] = [];

/** Little-endian float32, the arrays of the network's variables one after the other. */
export function weightSource(file: string, { variables }: Network): WeightSource {
  const offsets = new Map<string, readonly [offset: number, shape: readonly number[]]>();
  let offset = 0;
  for (const { name, shape } of variables) {
    offsets.set(name, [offset, shape]);
    offset += 4 * shape.reduce((product, length) => product * length, 1);
  }
  return {
    file,
    entries: [...offsets].map(([name, [, shape]]) => ({ name, shape })),
    async read(name) {
      const [start, shape] = offsets.get(name) ?? [0, [0]];
      reads.push(name);
      const bytes = new Uint8Array(4 * shape.reduce((product, length) => product * length, 1));
      const handle = await open(file);
      try {
        await handle.read(bytes, 0, bytes.length, start);
      } finally {
        await handle.close();
      }
      return { shape, data: new Float32Array(bytes.buffer) };
    },
  };
}
