import type { DataShapes, InputShape, LabelShape } from "../data/shapes.js";
import type { Feed, TrainingProgram } from "../program/types.js";

type DataFeed = Extract<Feed, { kind: "features" | "labels" }>;

function feedsOf(feeds: readonly Feed[], kind: DataFeed["kind"]): readonly DataFeed[] {
  return feeds.filter((feed): feed is DataFeed => feed.kind === kind);
}

function labelShape({ shape, dtype, classes, ignored }: DataFeed): LabelShape {
  return {
    shape,
    dtype,
    ...(classes === undefined ? {} : { classes }),
    ...(ignored === undefined ? {} : { ignored }),
  };
}

/**
 * The columns that a program is fed with, for `readDataset` and `prepareDataset`.
 *
 * Example: `prepareDataset(dataset, { ...dataShapes(gradientsOf(lenet).program), scale: 1 / 256 })`
 */
export function dataShapes({ feeds }: Pick<TrainingProgram, "feeds">): DataShapes {
  const inputs = feedsOf(feeds, "features").map(({ name, shape, dtype }): [string, InputShape] => [
    name,
    { shape, dtype },
  ]);
  const labels = feedsOf(feeds, "labels").map((feed): [string, LabelShape] => [feed.name, labelShape(feed)]);
  return { inputs: Object.fromEntries(inputs), labels: Object.fromEntries(labels) };
}
