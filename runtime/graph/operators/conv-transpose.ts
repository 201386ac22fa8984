import { add, formatShape, highest, mul, sub } from "../lengths.js";
import type { Value } from "../types.js";
import { biasGradient, convRows, groupOf, kernelOf, requireBias, requireImages } from "./conv.js";
import { convSpec, groupAttribute } from "./conv-spec.js";
import { weightGradient } from "./conv-weight-gradient.js";
import { movesOf, withPads } from "./given-window.js";
import { fixed, type Inference, type Operator, type Signature } from "./operator.js";
import { at, extent, moveAttributes, spatial, type Window } from "./window.js";

const signature = {
  inputs: ["x: float", "w: float", "b?: float"],
  attributes: { ...convRows, output_padding: { kind: "ints" } },
} as const satisfies Signature;

export const convTranspose: Operator<typeof signature> = {
  signature,
  doc: "the transpose of Conv, x [N, C, …], w [C, M/group, …], b [M]; lengths (in − 1)·stride + extent + output_padding − pads (onnx.ai, ConvTranspose)",
  infer: ({ x, w, b }, n) => {
    requireImages(n, x, w);
    const group = groupOf(n, n.attributes.group);
    const channels = fixed(n, w.shape[0], "the first axis of the weights");
    if (x.shape[1] !== channels || channels % group !== 0) {
      n.fail(
        `"${x.name}" has ${x.shape[1]} channels; expected ${channels} in ${group} groups (weights ${formatShape(w.shape)})`,
      );
    }
    const filters = fixed(n, w.shape[1], "the second axis of the weights") * group;
    requireBias(n, b, filters);
    const { window, extra } = transposedWindow(n, w);
    const lengths = spatial(x).map((length, axis) => {
      const whole = add(mul(sub(length, 1), at(window.strides, axis)), extent(window, axis) + at(extra, axis));
      const kept = sub(whole, at(window.padsBefore, axis) + at(window.padsAfter, axis));
      return highest(kept) > 0 ? kept : n.fail(`spatial axis ${axis} of the result would have length ${kept}`);
    });
    return { dtype: "float32", shape: [x.shape[0] ?? 1, filters, ...lengths] };
  },
  gradient: ({ x, w }, d) => {
    const { window } = transposedWindow(d, w);
    const { group } = d.attributes;
    return {
      // Output padding is below the stride, so that it has no room for a place more.
      x: () => d.g.op("Conv", [d.dy, w], { ...moveAttributes(window), group: groupAttribute(group) }),
      w: () => weightGradient(convSpec(d, { x: d.dy, dy: x, window, group }), d.dy, x),
      b: () => biasGradient(d.g, d.dy),
    };
  },
};

/**
 * The window and the output padding. The pads of SAME do not depend on the data: they make the result stride times as long,
 * and are 0 where the windows do not reach so far (onnxruntime; ONNX's text would have them negative).
 */
function transposedWindow(n: Pick<Inference<typeof signature>, "attributes" | "fail">, w: Value) {
  const { output_padding: extra = [] } = n.attributes;
  const kernel = kernelOf(n, w).map((length) => fixed(n, length, "a kernel length"));
  const { moves, same } = movesOf(n, n.attributes, kernel.length);
  const window: Window = { kernel, ...moves };
  const fits = extra.every((cells, axis) => cells >= 0 && cells < at(moves.strides, axis));
  if ((extra.length > 0 && extra.length !== kernel.length) || !fits) {
    n.fail(
      `output_padding is [${extra.join(",")}]; expected ${kernel.length} lengths below the strides, as onnxruntime does`,
    );
  }
  const totals = kernel.map((_, axis) =>
    Math.max(0, extent(window, axis) + at(extra, axis) - at(window.strides, axis)),
  );
  return { window: same ? { kernel, ...withPads(moves, totals, same) } : window, extra };
}
