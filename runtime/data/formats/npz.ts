import { internalError } from "../../errors.js";
import type { DataSource } from "../source.js";
import type { RawColumn } from "../stored-column.js";
import type { DataFormat } from "./format.js";
import { type NamedArrays, readNamed } from "./named-arrays.js";
import { readNpy } from "./npy.js";
import { type ArchiveBytes, locateZipEntry, readZipDirectory, type ZipEntry, zipEntryChunks } from "./zip.js";

/** NumPy's .npz: a zip archive of .npy files, stored or deflated. Only the arrays that are used are decompressed. */
export const npz: DataFormat = {
  description: "NumPy archive (.npz) with features x and labels y, or an array for each input and label",
  extensions: [".npz"],
  named: true,
  recognises: (head) => head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || head[2] === 5),
  read: async (source, request) => {
    const data = await readNamed(await openArchive(source), request);
    const { file, size, context } = source;
    // What is not used is not read, and the reading has ended.
    context.onProgress?.({ file, bytes: size, total: size });
    return data;
  },
};

async function openArchive(source: DataSource): Promise<NamedArrays> {
  const { file } = source;
  const bytes = source.gzipped ? bytesInMemory(file, await source.bytes()) : source;
  const entries = new Map<string, ZipEntry>();
  for (const entry of await readZipDirectory(bytes)) {
    if (entry.name.endsWith(".npy")) entries.set(entry.name.slice(0, -".npy".length), entry);
  }
  return {
    file,
    names: [...entries.keys()],
    array: (name) => {
      const entry = entries.get(name);
      if (entry === undefined) throw internalError(`no zip entry for array ${name}`);
      return readArray(source, bytes, { entry, title: `array "${name}" of "${file}"` });
    },
  };
}

async function readArray(
  { file, size, modified, gzipped, context }: DataSource,
  bytes: ArchiveBytes,
  { entry, title }: { readonly entry: ZipEntry; readonly title: string },
): Promise<RawColumn> {
  const start = await locateZipEntry(bytes, entry);
  const isPlain = !gzipped && entry.method === 0;
  return readNpy({
    title,
    file,
    chunks: () => zipEntryChunks(bytes, entry, start),
    size: entry.originalSize,
    isExact: true,
    ...(isPlain && { place: { offset: start, fileSize: size, modified } }),
    checked: true,
    storage: context.storage ?? "auto",
  });
}

function bytesInMemory(file: string, bytes: Uint8Array): ArchiveBytes {
  async function* range(start: number, end: number): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(start, end);
  }
  return { file, size: bytes.length, range };
}
