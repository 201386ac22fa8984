import type { ProblemList } from "./problem-list.js";
import type { InputShape } from "./shapes.js";

/** An option of float inputs: one value, for the only one, or values by the names of inputs. */
export type ByInput<Value> = Value | Readonly<Record<string, Value>>;

/** An option as values by input; a value for an input that there is not is a problem. */
export function byInput<Value extends number | readonly number[]>(
  option: string,
  given: ByInput<Value> | undefined,
  inputs: Readonly<Record<string, InputShape>>,
  problems: ProblemList,
): ReadonlyMap<string, Value> {
  if (given === undefined) return new Map();
  const names = Object.keys(inputs).filter((name) => inputs[name]?.dtype === "float32");
  const [only = "input"] = names;
  if (isValue(given)) {
    if (names.length === 1) return new Map([[only, given]]);
    const several = `${option} is one for all and the network has ${names.length} float inputs`;
    const expected = `${several}, expected it by input: { ${only}: … }`;
    const message = names.length === 0 ? `${option} is given and the network has no float input` : expected;
    problems.add("DATA_OPTION_INVALID", message);
    return new Map();
  }
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const message = `${option} is given for "${name}", expected a float input: ${names.join(", ")}`;
    problems.add("DATA_OPTION_INVALID", message);
  }
  return new Map(Object.entries(given));
}

function isValue<Value extends number | readonly number[]>(given: ByInput<Value>): given is Value {
  return typeof given === "number" || Array.isArray(given);
}
