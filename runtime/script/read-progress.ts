import { basename } from "node:path";
import type { ReadProgress } from "../data/source.js";

/** A read shorter than this shows nothing. */
const patienceMilliseconds = 500;
const betweenMilliseconds = 100;

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** Tells how far a long read is, not too often. */
export function readProgress(show: (text: string) => void): (progress: ReadProgress) => void {
  let next = performance.now() + patienceMilliseconds;
  return ({ file, bytes, total }) => {
    if (performance.now() < next) return;
    next = performance.now() + betweenMilliseconds;
    const percent = Math.floor((100 * bytes) / Math.max(1, total));
    show(`reading ${basename(file)}  ${percent} %  ${megabytes(bytes)} of ${megabytes(total)}`);
  };
}
