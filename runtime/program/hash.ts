import { createHash } from "node:crypto";
import type { TrainingProgram } from "./types.js";

/** The sha-256 of a program's graphs, hexadecimal: the same network compiled the same way. */
export function programHash({ step, evaluate, weigh }: Pick<TrainingProgram, "step" | "evaluate" | "weigh">): string {
  const hash = createHash("sha256");
  for (const graph of [step, evaluate, weigh]) {
    if (graph === undefined) continue;
    // The length keeps two graphs from being taken for two others with the same bytes one after the other.
    hash.update(`${graph.bytes.byteLength}\n`).update(graph.bytes);
  }
  return hash.digest("hex");
}
