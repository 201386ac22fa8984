import protobuf, { type Field } from "protobufjs";
import { nearestName } from "../../../runtime/nearest.js";
import type { Scalar } from "./message.js";
import { floatValue, integerValue } from "./numbers.js";
import { shorten } from "./tokenizer.js";
import type { TextScalar } from "./tree.js";

export type ScalarResult = { readonly value: Scalar } | { readonly expected: string; readonly hint?: string };

const ranges: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  // Held as JavaScript numbers: 2^53 elements are beyond any tensor.
  int64: [BigInt(Number.MIN_SAFE_INTEGER), BigInt(Number.MAX_SAFE_INTEGER)],
  uint64: [0n, BigInt(Number.MAX_SAFE_INTEGER)],
};

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  True: true,
  t: true,
  "1": true,
  false: false,
  False: false,
  f: false,
  "0": false,
};

/** Reads a scalar as the type of its field, by the rules of protobuf's text format. */
export function readScalar(field: Field, scalar: TextScalar): ScalarResult {
  if (field.resolvedType instanceof protobuf.Enum) return readEnum(field.resolvedType, scalar);
  if (field.type === "string" || field.type === "bytes") {
    if (scalar.kind === "string") return { value: scalar.text };
    return { expected: "a string in quotes", hint: `write "${shorten(scalar.text)}" in quotes` };
  }
  if (field.type === "bool") return readBoolean(scalar);
  if (field.type === "float" || field.type === "double") return readFloat(scalar);
  return readInteger(field.type, scalar);
}

function readInteger(type: string, { kind, text, negative }: TextScalar): ScalarResult {
  const [least, most] = ranges[type] ?? [0n, 0n];
  const expected = `a whole number from ${least} to ${most}`;
  // Longer texts are out of every range; reading them would only cost time.
  if (kind !== "integer" || text.length > 40) return { expected };
  const value = negative ? -integerValue(text) : integerValue(text);
  return value < least || value > most ? { expected } : { value: Number(value) };
}

function readFloat({ kind, text, negative }: TextScalar): ScalarResult {
  const value = kind === "identifier" ? namedFloat(text) : kind === "string" ? undefined : floatValue(text);
  if (value === undefined) return { expected: "a number" };
  return { value: negative ? -value : value };
}

function namedFloat(text: string): number | undefined {
  const name = text.toLowerCase();
  if (name === "inf" || name === "infinity") return Number.POSITIVE_INFINITY;
  return name === "nan" ? Number.NaN : undefined;
}

function readBoolean({ kind, text, negative }: TextScalar): ScalarResult {
  const expected = "true or false";
  if (negative || kind === "string" || kind === "float") return { expected };
  const known = Object.hasOwn(booleans, text) ? booleans[text] : undefined;
  if (known !== undefined) return { value: known };
  if (kind !== "integer" || text.length > 40) return { expected };
  const value = integerValue(text);
  return value > 1n ? { expected } : { value: value === 1n };
}

function readEnum({ values }: protobuf.Enum, { kind, text, negative }: TextScalar): ScalarResult {
  const names = Object.keys(values);
  if (kind === "identifier" && !negative && Object.hasOwn(values, text)) return { value: text };
  if (kind === "integer" && text.length <= 40) {
    const number = Number(negative ? -integerValue(text) : integerValue(text));
    const name = names.find((candidate) => values[candidate] === number);
    if (name !== undefined) return { value: name };
  }
  const shown = names.length <= 8 ? names.join(", ") : `${names.slice(0, 8).join(", ")}, …`;
  const nearest = kind === "identifier" || kind === "string" ? nearestName(text, names) : undefined;
  const expected = `one of ${shown}`;
  return nearest === undefined ? { expected } : { expected, hint: `the nearest value is ${nearest}, without quotes` };
}
