import type { ModelLayout, PlacedParameter } from "./model-layout.js";
import { type UserFunction, wrongResult } from "./user-function.js";

interface Returned {
  readonly from: UserFunction;
  /** Which worker, epoch and batch the function was called for. */
  readonly where: string;
  readonly layout: ModelLayout;
}

/** Reads what a user `upd` returned: writes the gradients to a flat buffer, gives back its scalars. */
export function readGradients(
  returned: Returned & { readonly value: unknown; readonly into: Float32Array },
): Readonly<Record<string, number>> {
  const { value, layout, into, from, where } = returned;
  const gradients = isRecord(value) ? value.gradients : undefined;
  if (!isRecord(value) || !isRecord(gradients))
    throw wrongResult(from, where, "no object with `gradients` by parameter");
  checkNames(returned, gradients, "gradient");
  for (const parameter of layout.parameters) {
    if (gradients[parameter.name] === undefined) {
      if (parameter.lr === 0) continue;
      throw wrongResult(from, where, `no gradient for parameter "${parameter.name}"`);
    }
    into.set(readParameter(returned, parameter, gradients[parameter.name]), parameter.offset);
  }
  return readScalars(returned, value.scalars);
}

/** Reads what a user `agg` returned: writes the parameters that it names to a flat buffer. Frozen ones stay. */
export function readModel(returned: Returned & { readonly value: unknown; readonly into: Float32Array }): void {
  const { value, layout, into, from, where } = returned;
  if (!isRecord(value)) throw wrongResult(from, where, "no object of parameters by name");
  checkNames(returned, value, "parameter");
  // All are read before any is written: a wrong one leaves the model whole.
  const given = layout.parameters.filter(({ name }) => value[name] !== undefined);
  const arrays = given.map((parameter) => ({
    parameter,
    data: readParameter(returned, parameter, value[parameter.name]),
  }));
  for (const { parameter, data } of arrays) if (parameter.lr !== 0) into.set(data, parameter.offset);
}

function checkNames({ from, where, layout }: Returned, named: object, what: string): void {
  const known = layout.parameters.map(({ name }) => name);
  const unknown = Object.keys(named).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw wrongResult(from, where, `a ${what} "${unknown[0]}" that the model does not have (it has ${known.join(", ")})`);
}

function readParameter(
  { from, where }: Returned,
  { name, length, shape }: PlacedParameter,
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
  const wrong = data.findIndex((one) => !Number.isFinite(one));
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
