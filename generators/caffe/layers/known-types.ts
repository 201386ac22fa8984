import type { CaffeLayer } from "./types.js";

/** A type that people meet and that is not built. */
export interface UnbuiltLayer {
  /** The fork of Caffe that it comes from; undefined for one of Caffe's own (BVLC/caffe, 2020-02-13). */
  readonly fork?: string;
  readonly because: string;
}

/** A layer type: built, or known and refused. A type is one of them, because it has one row. */
export type LayerType = CaffeLayer | UnbuiltLayer;

export function isBuilt(row: LayerType): row is CaffeLayer {
  return "read" in row;
}

/** One of Caffe's own types. */
export function notYet(because: string): UnbuiltLayer {
  return { because };
}

/** A type of a fork. */
export function ofFork(fork: string): UnbuiltLayer {
  return { fork, because: "Caffe itself does not have it" };
}

/** Why types are not built. */
export const reasons = {
  arithmetic: "its arithmetic has no rule of import yet",
  data: "training is given a data file, which is read in another way",
  loss: "this loss has no rule of import yet",
  normalization: "its normalization has no rule of import yet",
  output: "results are written where training is told to",
  program: "it runs a program of its own",
  recurrent: "sequences have no rule of import yet",
  rows: "it changes the number of rows in a batch",
  shape: "its change of shape has no rule of import yet",
  weights: "its weights have no rule of import yet",
} as const;
