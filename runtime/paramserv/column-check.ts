import type { NDArray } from "../data/types.js";
import type { Problem } from "../errors.js";
import { bindLengths, symbolsOf } from "../graph/lengths.js";
import type { Feed } from "../program/types.js";

export type DataFeed = Extract<Feed, { kind: "features" | "labels" }>;

/** What is wrong with an array, said of `labels`, several things, or of `labels.mask`, one. */
export interface Subject {
  readonly name: string;
  readonly has: string;
  readonly is: string;
  readonly holds: string;
}

export function subjectOf(data: string, column: string | undefined): Subject {
  if (column === undefined) return { name: data, has: `${data} have`, is: `${data} are`, holds: `${data} hold` };
  const name = `${data}.${column}`;
  return { name, has: `${name} has`, is: `${name} is`, holds: `${name} holds` };
}

/**
 * Everything in which a column does not fit its feed.
 *
 * @param lengths the values of named lengths: those that it has must agree, others are added
 */
export function columnProblems(
  array: NDArray,
  subject: Subject,
  feed: DataFeed,
  lengths: Record<string, number>,
): readonly Problem[] {
  const type = typeProblems(array, subject, feed);
  if (type.length > 0) return type;
  return [...shapeProblems(array, subject, feed, lengths), ...rangeProblems(array, subject, feed)];
}

function typeProblems({ data }: NDArray, subject: Subject, feed: DataFeed): readonly Problem[] {
  const isInt = data instanceof Int32Array;
  if (isInt === (feed.dtype !== "float32")) return [];
  const message = `${subject.is} ${isInt ? "int32" : "float32"}; "${feed.name}" of the network takes ${feed.dtype}`;
  const isLabels = feed.kind === "labels";
  const numbers = isInt ? (isLabels ? "targets" : "them") : isLabels ? "class numbers" : "whole numbers";
  const hint = `give ${numbers} as ${isInt ? "a Float32Array" : "an Int32Array"}`;
  return [{ code: isLabels ? "DATA_LABELS_INVALID" : "PARAMSERV_OPTION_INVALID", message, hint }];
}

function shapeProblems(
  { shape }: NDArray,
  subject: Subject,
  feed: DataFeed,
  lengths: Record<string, number>,
): readonly Problem[] {
  if (bindLengths(feed.shape, shape.slice(1), lengths) === undefined) return [];
  const expected = `[${["rows", ...feed.shape].join(",")}]`;
  const symbols = new Set(feed.shape.flatMap(symbolsOf));
  const known = [...symbols]
    .filter((name) => Object.hasOwn(lengths, name))
    .map((name) => `${name} is ${lengths[name]}`);
  const where = known.length === 0 ? "" : `, where ${known.join(" and ")}`;
  const message = `${subject.has} shape [${shape.join(",")}]; "${feed.name}" of the network takes ${expected}${where}`;
  return [{ code: "DATA_SHAPE_MISMATCH", message }];
}

function rangeProblems({ data }: NDArray, subject: Subject, feed: DataFeed): readonly Problem[] {
  const { name, ignored, dtype } = feed;
  const classes = dtype === "bool" ? 2 : feed.classes;
  if (!(data instanceof Int32Array) || classes === undefined) return [];
  const index = data.findIndex((value) => (value < 0 || value >= classes) && value !== ignored);
  if (index < 0) return [];
  const isClass = dtype !== "bool" && feed.kind === "labels";
  const noun = isClass ? "class " : "";
  const range = dtype === "bool" ? "0 and 1" : `${isClass ? "classes" : "whole numbers"} from 0 to ${classes - 1}`;
  const also = ignored === undefined ? "" : `, and ${ignored} for none`;
  const message = `${subject.holds} ${noun}${data[index]} at index ${index}; "${name}" of the network takes ${range}${also}`;
  return [{ code: feed.kind === "labels" ? "DATA_LABELS_INVALID" : "PARAMSERV_OPTION_INVALID", message }];
}
