import type { VariableRole } from "../layers/types.js";
import type { VariableBuffer, VariableLayout } from "../program/types.js";
import { type UserFunction, wrongResult } from "./user-function.js";

interface Returned {
  readonly from: UserFunction;
  /** Which worker, epoch and batch the function was called for. */
  readonly where: string;
  readonly layout: VariableBuffer;
  /** Whether numbers that are not finite may stand in it, because the run goes on without them. Default: they are an error. */
  readonly mayOverflow?: boolean;
}

interface ReturnedTo extends Returned {
  readonly value: unknown;
  readonly into: Float32Array;
}

/**
 * Reads what a user `upd` returned: writes the gradients to a flat buffer, and after them the next states that it names;
 * gives back its scalars. Gradients of what is frozen are looked at and left. Where gradients or states may be no finite
 * numbers and are none, the loss is NaN, as if they came of such a loss.
 */
export function readGradients(returned: ReturnedTo): Readonly<Record<string, number>> {
  const { value, layout, into, from, where } = returned;
  const gradients = isRecord(value) ? value.gradients : undefined;
  if (!isRecord(value) || !isRecord(gradients))
    throw wrongResult(from, where, "no object with `gradients` by parameter");
  checkNames(returned, gradients, "gradient", ["trained", "frozen"]);
  const missing = layout.variables.find(({ name, lr }) => lr !== 0 && gradients[name] === undefined);
  if (missing !== undefined) throw wrongResult(from, where, `no gradient for parameter "${missing.name}"`);
  write(into, readArrays(returned, gradients), ({ lr }) => lr !== 0);
  const { state = {} } = value;
  if (!isRecord(state)) throw wrongResult(from, where, "a `state` that is no object of arrays by name");
  checkNames(returned, state, "state", ["state"]);
  write(into, readArrays(returned, state), ({ role }) => role === "state");
  const scalars = readScalars(returned, value.scalars);
  return returned.mayOverflow === true && !into.every(Number.isFinite) ? { ...scalars, loss: Number.NaN } : scalars;
}

/** Reads what a user `agg` returned: writes the parameters that it names to a flat buffer. Frozen ones and state stay. */
export function readModel(returned: ReturnedTo): void {
  const { value, into, from, where } = returned;
  if (!isRecord(value)) throw wrongResult(from, where, "no object of parameters by name");
  checkNames(returned, value, "parameter", ["trained", "state", "frozen"]);
  write(into, readArrays(returned, value), ({ lr }) => lr !== 0);
}

type NamedArray = readonly [variable: VariableLayout, data: Float32Array];

/** All that are named are read before any is written: a wrong one leaves the buffer whole. */
function readArrays(returned: Returned, named: Readonly<Record<string, unknown>>): readonly NamedArray[] {
  const given = returned.layout.variables.filter(({ name }) => named[name] !== undefined);
  return given.map((variable) => [variable, readArray(returned, variable, named[variable.name])]);
}

function write(into: Float32Array, arrays: readonly NamedArray[], wanted: (variable: VariableLayout) => boolean): void {
  for (const [variable, data] of arrays) if (wanted(variable)) into.set(data, variable.offset);
}

function checkNames(
  { from, where, layout }: Returned,
  named: object,
  what: string,
  roles: readonly VariableRole[],
): void {
  const known = layout.variables.filter(({ role }) => roles.includes(role)).map(({ name }) => name);
  const unknown = Object.keys(named).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const has = known.join(", ") || "none";
  throw wrongResult(from, where, `a ${what} "${unknown[0]}" that the model does not have (it has ${has})`);
}

function readArray(
  { from, where, mayOverflow }: Returned,
  { name, length, shape }: VariableLayout,
  value: unknown,
): Float32Array {
  const data = isRecord(value) ? value.data : undefined;
  if (!(data instanceof Float32Array)) {
    throw wrongResult(from, where, `no { shape, data: Float32Array } for parameter "${name}"`);
  }
  if (data.length !== length) {
    const size = `${data.length} values for parameter "${name}"`;
    throw wrongResult(from, where, `${size}; its shape [${shape.join(",")}] has ${length}`);
  }
  const wrong = mayOverflow === true ? -1 : data.findIndex((one) => !Number.isFinite(one));
  if (wrong >= 0) throw wrongResult(from, where, `${data[wrong]} at index ${wrong} of parameter "${name}"`);
  return data;
}

function readScalars({ from, where }: Returned, value: unknown): Readonly<Record<string, number>> {
  if (value === undefined) return {};
  if (!isRecord(value)) throw wrongResult(from, where, "`scalars` that are not an object");
  const wrong = Object.entries(value).find(([, one]) => typeof one !== "number");
  if (wrong !== undefined) throw wrongResult(from, where, `a scalar "${wrong[0]}" that is not a number`);
  return value as Readonly<Record<string, number>>;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Reads what a user `val` returned: numbers by name, `loss` and metrics. */
export function readValidation(from: UserFunction, where: string, value: unknown): Readonly<Record<string, number>> {
  if (!isRecord(value)) throw wrongResult(from, where, "no object of numbers, such as { loss, accuracy }");
  const entries = Object.entries(value);
  if (entries.length === 0)
    throw wrongResult(from, where, "an object without a number; expected such as { loss, accuracy }");
  const wrong = entries.find(([, one]) => typeof one !== "number" || !Number.isFinite(one));
  if (wrong !== undefined) throw wrongResult(from, where, `"${wrong[0]}" that is not a finite number`);
  return value as Readonly<Record<string, number>>;
}
