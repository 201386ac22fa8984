import type { SourceRef } from "../errors.js";
import { acceptedTypes, type ParsedInput } from "../graph/operators/signature.js";
import { withoutTrailing } from "../graph/trailing.js";
import type { LayerDefinition, SampleRank } from "./definition.js";
import { numbersType, rowsFor } from "./inputs.js";
import { type LayerOptions, type OptionTable, printOptions } from "./options.js";
import { show } from "./plain.js";
import { Problems } from "./problems.js";
import { describeTensor, isScalar, isTensor, titleOf } from "./tensors.js";
import type { LayerInput, OptionValue, Tensor } from "./types.js";

/** What an input may be: `a float32 tensor of rank 3, [channels, height, width]`. */
function expectedInput({ accepts, optional }: ParsedInput, sample: SampleRank | undefined, numbers: boolean): string {
  const types = accepts === "any" ? "" : `${acceptedTypes[accepts].join(" or ")} `;
  const ranks = sample?.ranks.map((rank) => `rank ${rank}`).join(" or ");
  const tensor = `a ${types}tensor${ranks === undefined ? "" : ` of ${ranks}`}${sample ? `, ${sample.axes}` : ""}`;
  return `${tensor}${numbers ? " or numbers" : ""}${optional ? " or undefined" : ""}`;
}

/** Numbers that become a constant: one or a list. */
function readNumbers(value: unknown): readonly number[] | undefined {
  if (typeof value === "number") return [value];
  return Array.isArray(value) && value.every((item) => typeof item === "number") ? value : undefined;
}

/** Inputs as they were given, and what the definition says of each. */
interface Given {
  readonly definition: LayerDefinition;
  readonly rows: readonly ParsedInput[];
  readonly inputs: readonly unknown[];
}

function checkNumbers(problems: Problems, row: ParsedInput, { rows, inputs }: Given, numbers: readonly number[]): void {
  const dtype = numbersType(row, rows, inputs);
  const fit = dtype === "float32" || numbers.every(Number.isSafeInteger);
  const message = `its input ${row.name} is ${show(numbers)}, expected whole numbers: they become ${dtype}`;
  problems.check(fit, "LAYER_INPUT_INVALID", message);
}

function checkInput(problems: Problems, row: ParsedInput, given: Given, value: unknown): void {
  const { name, accepts, optional } = row;
  if (value === undefined && optional) return;
  const sample = given.definition.samples[name];
  const takesNumbers = given.definition.numbers.includes(name);
  const numbers = takesNumbers ? readNumbers(value) : undefined;
  if (numbers !== undefined) {
    checkNumbers(problems, row, given, numbers);
    return;
  }
  const known = isTensor(value) || isScalar(value);
  const found = known ? describeTensor(value) : show(value);
  const message = `its input ${name} is ${found}, expected ${expectedInput(row, sample, takesNumbers)}`;
  const fits = isTensor(value) && acceptedTypes[accepts].includes(value.dtype);
  problems.check(fits, "LAYER_INPUT_INVALID", message);
  if (!fits || sample === undefined) return;
  problems.check(sample.ranks.includes(value.shape.length - 1), "LAYER_RANK_WRONG", message);
}

function checkInputs(problems: Problems, definition: LayerDefinition, inputs: readonly unknown[]): void {
  const rows = rowsFor(definition.inputs, inputs.length);
  const names = rowsFor(definition.inputs, 0).map(({ name, variadic }) => (variadic ? `${name}…` : name));
  problems.check(
    inputs.length <= rows.length,
    "LAYER_INPUT_INVALID",
    `it is given ${inputs.length} inputs, expected ${rows.length}: ${names.join(", ")}`,
  );
  for (const [index, row] of rows.entries()) checkInput(problems, row, { definition, rows, inputs }, inputs[index]);
}

/** Checks all options of a layer; refused ones are noted and left out. */
function readOptions(problems: Problems, table: OptionTable, given: Readonly<Record<string, unknown>>) {
  for (const key of Object.keys(given)) {
    const known = Object.hasOwn(table, key) || key === "name" || key === "at";
    const keys = ["name", ...Object.keys(table)].join(", ");
    problems.check(known, "LAYER_OPTION_UNKNOWN", `its option "${key}" is unknown, expected one of: ${keys}`);
  }
  const values: Record<string, unknown> = {};
  for (const [key, kind] of Object.entries(table)) {
    const value = Object.hasOwn(given, key) ? given[key] : undefined;
    if (value === undefined) {
      const message = `its option "${key}" is missing, expected ${kind.expected}`;
      problems.check(!kind.required, "LAYER_OPTION_INVALID", message);
      values[key] = kind.fallback;
      continue;
    }
    values[key] = kind.parse(value);
    const message = `its option "${key}" is ${show(value)}, expected ${kind.expected}`;
    problems.check(values[key] !== undefined, "LAYER_OPTION_INVALID", message);
  }
  return values;
}

function checkName(problems: Problems, name: unknown, needsName: boolean): void {
  if (name === undefined) {
    const message = 'its option "name" is missing, expected a name: the layer\'s parameters are named after it';
    problems.check(!needsName, "LAYER_NAME_INVALID", message);
    return;
  }
  const ok = typeof name === "string" && name.trim() !== "" && !/\p{Cc}/u.test(name);
  problems.check(ok, "LAYER_NAME_INVALID", `its name is ${show(name)}, expected text without control characters`);
}

/** What a layer function was called with, checked. */
export interface Call {
  readonly name: string | undefined;
  readonly at: SourceRef | undefined;
  readonly inputs: readonly LayerInput[];
  /** Shortest forms, defaults left out. */
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** For problems that are found later. */
  readonly problems: Problems;
}

/** Checks what a layer function is called with: name, inputs and options. */
export function readCall(definition: LayerDefinition, inputs: readonly LayerInput[], given: LayerOptions): Call {
  const { type, needsName, options: table } = definition;
  const plain = typeof given === "object" && given !== null && !isTensor(given) && !Array.isArray(given);
  const options: LayerOptions & Readonly<Record<string, unknown>> = plain ? { ...given } : {};
  const { name, at } = options;
  const named = typeof name === "string";
  const problems = new Problems(titleOf({ type, name: name ?? type, named }), at);
  problems.check(plain, "LAYER_OPTION_INVALID", `its options are ${show(given)}, expected an object`);
  checkName(problems, name, needsName);
  checkInputs(problems, definition, inputs);
  const values = readOptions(problems, table, options);
  problems.throwIfAny();
  return { name, at, inputs: withoutTrailing(inputs), ...printOptions(table, values), problems };
}
