import { internalError } from "../../errors.js";
import type { DataType } from "../types.js";
import type { Accepts, Signature } from "./operator.js";

/** The types of tensors that each kind of input takes. */
export const acceptedTypes: Readonly<Record<Accepts, readonly DataType[]>> = {
  float: ["float32"],
  number: ["float32", "int32", "int64"],
  index: ["int32", "int64"],
  int32: ["int32"],
  int64: ["int64"],
  bool: ["bool"],
  any: ["float32", "int32", "int64", "bool"],
};

/** An input of a signature, read from its text. */
export interface ParsedInput {
  readonly name: string;
  readonly accepts: Accepts;
  readonly optional: boolean;
  /** Takes all inputs from its place on. */
  readonly variadic: boolean;
}

export interface ParsedSignature {
  readonly inputs: readonly ParsedInput[];
  readonly fewest: number;
  readonly most: number;
  readonly outputs: readonly string[];
  readonly fewestOutputs: number;
  readonly mostOutputs: number;
}

const inputText = /^(\.\.\.)?(\w+)(\?)?: (float|number|index|int32|int64|bool|any)$/;

/** Reads the text of an input: `"bias?: float"`. */
export function parseInput(text: string): ParsedInput {
  const [, dots, name, mark, accepts] = inputText.exec(text) ?? [];
  if (name === undefined) throw internalError(`"${text}" is no input of a signature`);
  return { name, accepts: accepts as Accepts, optional: mark !== undefined, variadic: dots !== undefined };
}

// Signatures never change; this only saves reading their texts again.
const known = new WeakMap<Signature, ParsedSignature>();

export function parsedSignature(signature: Signature): ParsedSignature {
  const found = known.get(signature);
  if (found) return found;
  const parsed = parse(signature);
  known.set(signature, parsed);
  return parsed;
}

function parse({ inputs: texts, outputs = ["y"] }: Signature): ParsedSignature {
  const inputs = texts.map(parseInput);
  const variadic = inputs.some((input) => input.variadic);
  const needed = inputs.findLastIndex((input) => !input.optional) + 1;
  const many = outputs.some((output) => output.startsWith("..."));
  return {
    inputs,
    // A variadic input is there once at least.
    fewest: needed,
    most: variadic ? Number.POSITIVE_INFINITY : inputs.length,
    outputs,
    fewestOutputs: Math.max(1, outputs.filter((output) => !output.endsWith("?") && !output.startsWith("...")).length),
    mostOutputs: many ? Number.POSITIVE_INFINITY : outputs.length,
  };
}
