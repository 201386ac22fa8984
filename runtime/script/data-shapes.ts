import type { TrainingProgram } from "../program/types.js";

/** What a network takes, for `prepareDataset`: the shape of a sample, and of its label. */
export interface DataShapes {
  readonly inputShape: readonly number[];
  /** Class labels: whole numbers from 0 to `classes` − 1. */
  readonly classes?: number;
  /** Targets: the shape of one sample's. */
  readonly targetShape?: readonly number[];
}

/**
 * The shapes that a program is fed with.
 *
 * Example: `prepareDataset(dataset, { ...dataShapes(gradientsOf(lenet).program), scale: 1 / 256 })`
 */
export function dataShapes({ feeds }: Pick<TrainingProgram, "feeds">): DataShapes {
  const inputShape = feeds.find(({ kind }) => kind === "features")?.shape ?? [];
  const labels = feeds.find((feed) => feed.kind === "labels");
  if (labels === undefined) return { inputShape };
  if (labels.dtype === "float32") return { inputShape, targetShape: labels.shape };
  return { inputShape, ...(labels.classes === undefined ? {} : { classes: labels.classes }) };
}
