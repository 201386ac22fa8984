import type { DataOrigin } from "./types.js";

/** The same contents in the same order, whatever the files are called. */
export function sameFiles(a: DataOrigin["files"], b: DataOrigin["files"]): boolean {
  return a.map(({ sha256 }) => sha256).join() === b.map(({ sha256 }) => sha256).join();
}
