import { formatShape } from "../dims.js";
import type { Value } from "../types.js";
import { biasGradient, convAttributes, convWindow, requireBias, requireImages } from "./conv.js";
import { crop, groupAttribute, weightGradient } from "./conv-gradient.js";
import { type Differentiation, fixed, inputAt, listOf, type Operator } from "./operator.js";
import { at, extent, groupsOf, outputLengths, spatial, windowAttributes } from "./window.js";

/**
 * The transpose of Conv: x [N, C, …], w [C, M/group, …], b [M];
 * lengths (in − 1)·stride + (k − 1)·dilation + 1 + output_padding − pads
 */
export const convTranspose: Operator = {
  inputs: [2, 3],
  attributes: { ...convAttributes, output_padding: { kind: "ints" } },
  infer: (n) => {
    const [x, w] = [inputAt(n, 0), inputAt(n, 1)];
    requireImages(n, x, w);
    const group = groupsOf(n, n.attributes);
    const channels = fixed(n, w.shape[0], "the first axis of the weights");
    if (x.shape[1] !== channels || channels % group !== 0) {
      n.fail(
        `"${x.name}" has ${x.shape[1]} channels; expected ${channels} in ${group} groups (weights ${formatShape(w.shape)})`,
      );
    }
    const filters = fixed(n, w.shape[1], "the second axis of the weights") * group;
    requireBias(n, filters);
    const window = convWindow(n, n.attributes);
    const extra = listOf(n.attributes, "output_padding") ?? [];
    const lengths = spatial(n, x.shape, `"${x.name}"`).map((length, axis) => {
      const whole = (length - 1) * at(window.strides, axis) + extent(window, axis) + at(extra, axis);
      const kept = whole - at(window.padsBefore, axis) - at(window.padsAfter, axis);
      return kept > 0 ? kept : n.fail(`spatial axis ${axis} of the result would have length ${kept}`);
    });
    return [{ dtype: "float32", shape: [x.shape[0] ?? 1, filters, ...lengths] }];
  },
  gradient: (d) => {
    const window = convWindow(d, d.attributes);
    const group = groupsOf(d, d.attributes);
    return [
      () => inputGradient(d),
      () => weightGradient({ d, window, group, x: d.dy, dy: inputAt(d, 0) }),
      () => biasGradient(d, d.dy),
    ];
  },
};

/** dx = Conv(dy, w) with the same window; output padding may have made room for more places than there were. */
function inputGradient(d: Differentiation): Value {
  const [x, w] = [inputAt(d, 0), inputAt(d, 1)];
  const window = convWindow(d, d.attributes);
  const group = groupsOf(d, d.attributes);
  const full = d.g.op("Conv", [d.dy, w], { ...windowAttributes(window), ...groupAttribute(group) });
  const from = outputLengths(d, window, spatial(d, d.dy.shape, "dy"));
  return crop(d.g, full, { to: spatial(d, x.shape, "x"), from });
}
