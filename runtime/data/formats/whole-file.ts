import { type DataSource, deflateRatio } from "../source.js";
import type { ArrayContent } from "./store-array.js";

/** A file that holds one array and nothing else. */
export function wholeFile({ file, size, modified, gzipped, chunks, context }: DataSource): ArrayContent {
  const shared = { title: `"${file}"`, file, chunks, storage: context.storage ?? "auto" } as const;
  if (gzipped) return { ...shared, size: size * deflateRatio, isExact: false };
  return { ...shared, size, isExact: true, place: { offset: 0, fileSize: size, modified } };
}
