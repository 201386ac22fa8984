import { expect, test } from "vitest";
import { evaluate } from "../../runtime/graph/lengths.js";
import { buildCase, type Made, type RecordedCase, titled } from "./recorded.js";
import { relativeError, runLayer } from "./run-layer.js";

/** The shapes that a layer says it has, for the batch of a case. */
function shapesOf(y: Made, { inputs, outputs }: RecordedCase) {
  const lengths: Record<string, number> = {};
  for (const { shape, lengths: declared } of Object.values(inputs)) {
    for (const [axis, length] of ["N", ...(declared ?? [])].entries()) lengths[length] = shape[axis] ?? 0;
  }
  if ("kind" in y && y.kind === "scalar") return [[]];
  const tensors = "kind" in y ? [y] : y;
  return tensors.slice(0, outputs.length).map(({ shape }) => shape.map((length) => evaluate(length, lengths)));
}

test.each(titled)("PyTorch's values, gradients and next states: %s", async (_, recorded) => {
  const { y, feeds } = buildCase(recorded);
  expect(shapesOf(y, recorded)).toEqual(recorded.outputs.map(({ shape }) => shape));

  const prefixed = (name: string) => (Object.hasOwn(recorded.variables, name) ? `layer.${name}` : name);
  const outcome = await runLayer({
    y,
    feeds,
    training: recorded.evaluation !== true,
    gradients: Object.keys(recorded.gradients).map(prefixed),
  });

  for (const [index, wanted] of recorded.outputs.entries()) {
    expect(outcome.outputs[index]?.shape).toEqual(wanted.shape);
    expect(relativeError(outcome.outputs[index]?.data ?? [], wanted.data), `output ${index}`).toBeLessThan(1e-5);
  }
  for (const [name, wanted] of Object.entries(recorded.gradients)) {
    expect(relativeError(outcome.gradients[prefixed(name)] ?? [], wanted), name).toBeLessThan(1e-5);
  }
  const writes = recorded.evaluation !== true && recorded.options.statistics !== "running";
  for (const [name, { next }] of Object.entries(recorded.states ?? {})) {
    const found = outcome.next[`layer.${name}`];
    if (!writes) expect(found).toBeUndefined();
    else expect(relativeError(found ?? [], next), name).toBeLessThan(1e-5);
  }
});
