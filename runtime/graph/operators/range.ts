import * as lengths from "../lengths.js";
import type { Contents, Dim, Value } from "../types.js";
import { requireSameType } from "./broadcast.js";
import { mapped, mostElements } from "./contents.js";
import type { Inference, Operator, Signature } from "./operator.js";

const signature = {
  inputs: ["start: number", "limit: number", "delta: number"],
  attributes: {},
} as const satisfies Signature;

type Rule = Inference<typeof signature>;

interface Steps {
  readonly start: Dim;
  readonly limit: Dim;
  readonly delta: Dim;
}

export const range: Operator<typeof signature> = {
  signature,
  doc: "y = start, start + delta, … up to before limit; the inputs [] have to be known beforehand (onnx.ai, Range)",
  infer: (inputs, n) => {
    for (const value of [inputs.start, inputs.limit, inputs.delta]) {
      requireSameType(n, inputs.start, value);
      if (lengths.product(value.shape) !== 1) {
        n.fail(`"${value.name}" is ${lengths.formatShape(value.shape)}; expected []`);
      }
    }
    return { dtype: inputs.start.dtype, shape: [countOf(n, stepsOf(n, inputs))] };
  },
  contents: (inputs, n) => {
    const steps = stepsOf(n, inputs);
    return elementsOf(steps, countOf(n, steps));
  },
  // The inputs are known, so nothing that is trained is among them.
  gradient: "stops",
};

function stepsOf(n: Rule, { start, limit, delta }: Readonly<Record<keyof Steps, Value>>): Steps {
  return { start: scalarOf(n, start), limit: scalarOf(n, limit), delta: scalarOf(n, delta) };
}

function scalarOf(n: Rule, value: Value): Dim {
  const known = n.contents(value)?.[0] ?? n.constant(value)?.data[0];
  return known ?? n.fail(`"${value.name}" is computed; expected it to be known beforehand`);
}

/** max(⌈(limit − start)/delta⌉, 0) */
function countOf(n: Rule, { start, limit, delta }: Steps): Dim {
  if (delta === 0) n.fail("delta is 0");
  if (typeof start === "number" && typeof limit === "number" && typeof delta === "number") {
    // Of floats the difference is rounded to float32, as onnxruntime does (range.cc).
    const whole = Number.isInteger(limit) && Number.isInteger(start);
    return Math.max(Math.ceil((whole ? limit - start : Math.fround(limit - start)) / delta), 0);
  }
  if (lengths.isAtLeast(delta, 1)) return lengths.max(lengths.ceilDiv(lengths.sub(limit, start), delta), 0);
  if (!lengths.isAtLeast(-1, delta)) n.fail(`delta is ${delta}; expected it to be surely positive or negative`);
  return lengths.max(lengths.ceilDiv(lengths.sub(start, limit), lengths.neg(delta)), 0);
}

function elementsOf({ start, delta }: Steps, count: Dim): Contents | undefined {
  if (typeof count !== "number" || count > mostElements) return undefined;
  const places = Array.from({ length: count }, (_, index) => index);
  return mapped(places, (place) => lengths.add(start, lengths.mul(delta, place)));
}
