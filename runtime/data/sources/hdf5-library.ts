import type h5wasm from "h5wasm/node";

export type Hdf5 = Pick<typeof h5wasm, "File" | "Dataset"> & { readonly module: Awaited<typeof h5wasm.ready> };

let library: Promise<Hdf5> | undefined;

/**
 * The HDF5 library, compiled to WebAssembly: loaded on first use, because that takes a tenth of a second. It reads files
 * by range through Node's own file functions. Its errors are thrown (unless told so, it prints them and gives whatever was
 * in memory for the data).
 */
export function loadHdf5(): Promise<Hdf5> {
  library ??= load();
  return library;
}

async function load(): Promise<Hdf5> {
  const { default: hdf5 } = await import("h5wasm/node");
  const module = await hdf5.ready;
  module.activate_throwing_error_handler();
  return { File: hdf5.File, Dataset: hdf5.Dataset, module };
}

/** What the library says in the deepest line of an error: `required filter 'lzf' is not registered`. */
export function hdf5Reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = [...text.matchAll(/^\s*#\d+: .*? in \w+\(\): (.*)$/gm)].map(([, reason = ""]) => reason);
  // What comes after these two are searches for a plug-in in folders of the machine that compiled the library.
  const known = lines.find((line) => /required filter|truncated file/.test(line));
  return (known ?? lines.at(-1) ?? text.split("\n")[0] ?? "").trim();
}
