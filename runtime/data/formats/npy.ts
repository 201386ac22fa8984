import type { DataSource } from "../source.js";
import type { RawColumn } from "../stored-column.js";
import { column, type DataFormat } from "./format.js";
import { isNpy, longestNpyHeader, readNpyHeader } from "./npy-header.js";
import { type ArrayContent, storeArray } from "./store-array.js";
import { wholeFile } from "./whole-file.js";

/** Reads an array in NumPy's format. */
export function readNpy(content: ArrayContent): Promise<RawColumn> {
  return storeArray(content, longestNpyHeader, (head) => readNpyHeader(head, content.title));
}

/** NumPy's .npy: one array, so features or labels but not both. */
export const npy: DataFormat = {
  description: "NumPy array (.npy); labels in a second file",
  extensions: [".npy"],
  recognises: isNpy,
  read: async (source: DataSource, { want, features, labels }) => {
    const array = await readNpy(wholeFile(source));
    return want === "labels"
      ? { labels: column(labels, array), notes: [] }
      : { features: column(features, array), notes: [] };
  },
};
