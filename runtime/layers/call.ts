import { CompileError, type ErrorCode, type Problem, type SourceRef } from "../errors.js";
import { sizeOf } from "../shape.js";
import { maximumSize, type OptionTable } from "./options.js";
import { show } from "./plain.js";
import { isTensor, titleOf } from "./records.js";
import type { Shape, Tensor } from "./types.js";

/** What every layer function accepts. */
export interface LayerOptions {
  /** Unique in its network. A layer without a name is numbered by {@link model}: `relu1`. */
  readonly name?: string;
  /** Where the layer stands in the user's file: carried into every error about it. */
  readonly at?: SourceRef;
}

/** What a layer takes as one of its inputs. */
export interface InputKind {
  /** What the input is called in messages and documents: `logits`. */
  readonly name: string;
  readonly dtype: "float32" | "int32";
  /** The ranks of a sample that are allowed; absent: any. */
  readonly ranks?: readonly number[];
  /** How a message spells the ranks: `[channels, height, width]`. */
  readonly axes?: string;
}

/** Collects the problems of one layer. */
class Problems {
  readonly list: Problem[] = [];
  readonly title: string;
  readonly at: SourceRef | undefined;

  constructor(title: string, at: SourceRef | undefined) {
    this.title = title;
    this.at = at;
  }

  check(ok: boolean, code: ErrorCode, message: string, hint?: string): void {
    if (ok) return;
    this.list.push({
      code,
      message: `${this.title}: ${message}`,
      ...(this.at === undefined ? {} : { at: this.at }),
      ...(hint === undefined ? {} : { hint }),
    });
  }

  throwIfAny(): void {
    if (this.list.length > 0) throw new CompileError(this.list);
  }
}

function describeTensor(tensor: Tensor): string {
  const what = tensor.perBatch ? "one number for the whole batch" : `${tensor.dtype} ${show(tensor.shape)}`;
  return `"${tensor.name}" (${what})`;
}

function checkInput(problems: Problems, kind: InputKind, value: unknown): void {
  const ranks = kind.ranks?.map((rank) => `rank ${rank}`).join(" or ");
  const expected = `a ${kind.dtype} tensor${ranks === undefined ? "" : ` of ${ranks}`}${kind.axes ? `, ${kind.axes}` : ""}`;
  if (!isTensor(value)) {
    problems.check(false, "LAYER_INPUT_INVALID", `its input ${kind.name} is ${show(value)}, expected ${expected}`);
    return;
  }
  const found = `its input ${kind.name} is ${describeTensor(value)}, expected ${expected}`;
  problems.check(!value.perBatch && value.dtype === kind.dtype, "LAYER_INPUT_INVALID", found);
  if (value.perBatch || value.dtype !== kind.dtype) return;
  problems.check(kind.ranks?.includes(value.shape.length) ?? true, "LAYER_RANK_WRONG", found);
}

function checkInputs(problems: Problems, kinds: readonly InputKind[], inputs: readonly unknown[]): void {
  problems.check(
    inputs.length === kinds.length,
    "LAYER_INPUT_INVALID",
    `it is given ${inputs.length} inputs, expected ${kinds.length}: ${kinds.map(({ name }) => name).join(", ")}`,
  );
  for (const [index, kind] of kinds.entries()) checkInput(problems, kind, inputs[index]);
}

/** Expands all options of a layer; refused ones are noted and left out. */
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

export function checkSize(problems: Problems, shape: Shape): void {
  const size = sizeOf(shape);
  problems.check(
    size <= maximumSize,
    "LAYER_SIZE_TOO_LARGE",
    `an array of its shape ${show(shape)} has ${size} numbers, expected at most ${maximumSize}`,
  );
}

interface CalledSpec {
  readonly type: string;
  readonly inputs: readonly InputKind[];
  readonly options: OptionTable;
  readonly needsName?: boolean;
}

interface Call {
  readonly name: string | undefined;
  readonly at: SourceRef | undefined;
  readonly values: Readonly<Record<string, unknown>>;
  readonly problems: Problems;
}

/** Checks what a layer function is called with: name, inputs and options. */
export function readCall(spec: CalledSpec, inputs: readonly Tensor[], given: LayerOptions): Call {
  const plain = typeof given === "object" && given !== null && !isTensor(given) && !Array.isArray(given);
  const options: LayerOptions & Readonly<Record<string, unknown>> = plain ? { ...given } : {};
  const { name, at } = options;
  const problems = new Problems(titleOf(spec.type, typeof name === "string" ? name : undefined), at);
  problems.check(plain, "LAYER_OPTION_INVALID", `its options are ${show(given)}, expected an object`);
  checkName(problems, name, spec.needsName ?? false);
  checkInputs(problems, spec.inputs, inputs);
  const values = readOptions(problems, spec.options, options);
  problems.throwIfAny();
  return { name, at, values, problems };
}
