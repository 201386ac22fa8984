import { dataError } from "../problem-list.js";
import type { RawArray } from "../raw-array.js";
import { readElements, toRowMajor } from "../raw-array.js";
import { column, type DataFormat } from "./format.js";
import { isNpy, readNpyHeader } from "./npy-header.js";

/** Reads a whole .npy file that lies in memory. */
export function readNpy(bytes: Uint8Array, title: string, file: string): RawArray {
  const { shape, code, bigEndian, fortran, offset, length } = readNpyHeader(bytes, title);
  const present = bytes.length - offset;
  if (present !== length) {
    const claim = `shape [${shape.join(",")}] of ${code} needs ${length} bytes, found ${present}`;
    throw dataError("DATA_FILE_DAMAGED", `${title} ${present < length ? "ends early" : "goes on too long"}: ${claim}`);
  }
  const values = readElements(code, bytes.subarray(offset), bigEndian);
  return { title, file, shape, values: fortran && shape.length > 1 ? toRowMajor(values, shape) : values };
}

/** NumPy's .npy: one array, so features or labels but not both. */
export const npy: DataFormat = {
  description: "NumPy array (.npy); labels in a second file",
  extensions: [".npy"],
  recognises: isNpy,
  read: async (source, { want, features, labels }) => {
    const array = readNpy(await source.bytes(), `"${source.file}"`, source.file);
    return want === "labels"
      ? { labels: column(labels, array), notes: [] }
      : { features: column(features, array), notes: [] };
  },
};
