import type { Dataset, NDArray } from "../data/types.js";
import type { Problem } from "../errors.js";
import type { Feed, TrainingProgram } from "../program/types.js";

interface Given {
  readonly training: Dataset;
  readonly validation: Dataset | undefined;
  readonly program: TrainingProgram | undefined;
}

/** Everything in which the data do not fit each other or the program's feeds. */
export function dataProblems({ training, validation, program }: Given): readonly Problem[] {
  const problems = [...datasetProblems(training, "", program), ...feedProblems(program)];
  if (validation === undefined) return problems;
  if (program !== undefined) return [...problems, ...datasetProblems(validation, "val_", program)];
  const message =
    "val_features are given, but upd is a user function and the model is no network: nothing can evaluate them";
  return [...problems, { code: "PARAMSERV_OPTION_INVALID", message }];
}

function datasetProblems({ features, labels }: Dataset, prefix: string, program?: TrainingProgram): readonly Problem[] {
  const rows = features.shape[0] ?? 0;
  const problems: Problem[] = [];
  if (labels.shape[0] !== rows) {
    const message = `${prefix}features have ${rows} rows and ${prefix}labels ${labels.shape[0]}; expected as many`;
    problems.push({ code: "DATA_ROWS_MISMATCH", message });
  }
  for (const feed of program?.feeds ?? []) {
    if (feed.kind === "features") problems.push(...shapeProblems(features, `${prefix}features`, feed));
    if (feed.kind === "labels") problems.push(...labelProblems(labels, `${prefix}labels`, feed));
  }
  return problems;
}

function shapeProblems({ shape }: NDArray, name: string, feed: Feed): readonly Problem[] {
  if (String(shape.slice(1)) === String(feed.shape)) return [];
  const expected = `[${["rows", ...feed.shape].join(",")}]`;
  const message = `${name} have shape [${shape.join(",")}]; "${feed.name}" of the network takes ${expected}`;
  return [{ code: "DATA_SHAPE_MISMATCH", message }];
}

function labelProblems(labels: NDArray, name: string, feed: Extract<Feed, { kind: "labels" }>): readonly Problem[] {
  const isInt = labels.data instanceof Int32Array;
  if (isInt !== (feed.dtype === "int32")) {
    const message = `${name} are ${isInt ? "int32" : "float32"}; "${feed.name}" of the network takes ${feed.dtype}`;
    const hint = isInt ? "give targets as a Float32Array" : "give class numbers as an Int32Array";
    return [{ code: "DATA_LABELS_INVALID", message, hint }];
  }
  return [...shapeProblems(labels, name, feed), ...classProblems(labels, name, feed)];
}

function classProblems({ data }: NDArray, name: string, feed: Extract<Feed, { kind: "labels" }>): readonly Problem[] {
  const { dtype, classes = Number.POSITIVE_INFINITY } = feed;
  if (dtype !== "int32") return [];
  const row = (data as Int32Array).findIndex((label) => label < 0 || label >= classes);
  if (row < 0) return [];
  const range = feed.classes === undefined ? "at least 0" : `from 0 to ${classes - 1}`;
  const message = `${name} hold class ${data[row]} at index ${row}; "${feed.name}" of the network takes classes ${range}`;
  return [{ code: "DATA_LABELS_INVALID", message }];
}

/** paramserv() has one array of features and one of labels to feed. */
function feedProblems(program?: TrainingProgram): readonly Problem[] {
  if (program === undefined) return [];
  return (["features", "labels"] as const).flatMap((kind): Problem[] => {
    const names = program.feeds.filter((feed) => feed.kind === kind).map(({ name }) => name);
    if (names.length === 1) return [];
    const found = names.length === 0 ? "none" : `${names.length}: ${names.join(", ")}`;
    return [
      { code: "PARAMSERV_MODEL_INVALID", message: `network "${program.name}" has ${found} for ${kind}; expected one` },
    ];
  });
}
