import { dtypeOf, isStored } from "../data/stored-column.js";
import type { Column } from "../data/types.js";
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
  column: Column,
  subject: Subject,
  feed: DataFeed,
  lengths: Record<string, number>,
): readonly Problem[] {
  const type = typeProblems(column, subject, feed);
  if (type.length > 0) return type;
  return [...shapeProblems(column, subject, feed, lengths), ...rangeProblems(column, subject, feed)];
}

function typeProblems(column: Column, subject: Subject, feed: DataFeed): readonly Problem[] {
  const isInt = dtypeOf(column) === "int32";
  if (isInt === (feed.dtype !== "float32")) return [];
  const message = `${subject.is} ${isInt ? "int32" : "float32"}; "${feed.name}" of the network takes ${feed.dtype}`;
  const isLabels = feed.kind === "labels";
  const numbers = isInt ? (isLabels ? "targets" : "them") : isLabels ? "class numbers" : "whole numbers";
  const hint = `give ${numbers} as ${isInt ? "a Float32Array" : "an Int32Array"}`;
  return [{ code: isLabels ? "DATA_LABELS_INVALID" : "PARAMSERV_OPTION_INVALID", message, hint }];
}

function shapeProblems(
  { shape }: Column,
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

/** The numbers that a feed of whole numbers takes: those below `classes`, and `ignored`. */
interface Limits {
  readonly classes: number;
  readonly ignored?: number;
}

export function limitsOf({ dtype, ignored, ...feed }: DataFeed): Limits | undefined {
  const classes = dtype === "bool" ? 2 : feed.classes;
  return classes === undefined ? undefined : { classes, ...(ignored !== undefined && { ignored }) };
}

export function isInRange(value: number, { classes, ignored }: Limits): boolean {
  return (value >= 0 && value < classes) || value === ignored;
}

/** Arrays are looked at at once, stored columns by `checkStored`, some rows at a time. */
function rangeProblems(column: Column, subject: Subject, feed: DataFeed): readonly Problem[] {
  const limits = limitsOf(feed);
  if (isStored(column) || !(column.data instanceof Int32Array) || limits === undefined) return [];
  const index = column.data.findIndex((value) => !isInRange(value, limits));
  return index < 0 ? [] : [rangeProblem({ value: column.data[index], index }, subject, feed)];
}

interface Found {
  readonly value: number | undefined;
  readonly index: number;
}

export function rangeProblem({ value, index }: Found, subject: Subject, feed: DataFeed): Problem {
  const { name, kind, dtype, ignored } = feed;
  const { classes = 0 } = limitsOf(feed) ?? {};
  const isClass = dtype !== "bool" && kind === "labels";
  const noun = isClass ? "class " : "";
  const range = dtype === "bool" ? "0 and 1" : `${isClass ? "classes" : "whole numbers"} from 0 to ${classes - 1}`;
  const also = ignored === undefined ? "" : `, and ${ignored} for none`;
  const message = `${subject.holds} ${noun}${value} at index ${index}; "${name}" of the network takes ${range}${also}`;
  return { code: kind === "labels" ? "DATA_LABELS_INVALID" : "PARAMSERV_OPTION_INVALID", message };
}
