import { formatShape, sum } from "../dims.js";
import type { Dim } from "../types.js";
import { fixed, type Inference, inputAt, type Operator, stringOf } from "./operator.js";

/** y = x with cells put before and after each axis (input 1: all befores, then all afters); negative pads crop. */
export const pad: Operator = {
  inputs: [2, 3],
  attributes: { mode: { kind: "string", default: "constant" } },
  infer: (n) => {
    const x = inputAt(n, 0);
    const pads = padsOf(n, n.contents(1));
    const rank = x.shape.length;
    const shape = x.shape.map((dim, axis): Dim => {
      const extra = (pads[axis] ?? 0) + (pads[axis + rank] ?? 0);
      const length =
        sum(dim, extra) ?? n.fail(`axis ${axis} of ${formatShape(x.shape)} holds the batch, which cannot be padded`);
      return typeof length === "number" && length < 0 ? n.fail(`axis ${axis} would have length ${length}`) : length;
    });
    const value = n.inputs[2];
    if (value && (value.dtype !== x.dtype || value.shape.length > 0)) {
      n.fail(`the fill "${value.name}" is ${value.dtype} ${formatShape(value.shape)}; expected ${x.dtype} []`);
    }
    return [{ dtype: x.dtype, shape }];
  },
  gradient: (d) => {
    const mode = stringOf(d.attributes, "mode");
    if (mode !== "constant") d.fail(`the mode "${mode}" has no gradient; expected "constant"`);
    const pads = d.constant(d.inputs[1]) ?? d.fail("its pads are computed; expected a constant");
    const back = d.g.ints(Array.from(pads.data, (cells) => 0 - cells));
    return [() => d.g.op("Pad", [d.dy, back]), undefined, undefined];
  },
};

function padsOf(n: Inference, contents: readonly (Dim | undefined)[] | undefined): readonly number[] {
  const rank = inputAt(n, 0).shape.length;
  const pads = contents ?? n.fail("its pads are computed; expected a constant");
  if (pads.length !== 2 * rank) n.fail(`it has ${pads.length} pads; expected ${2 * rank} for rank ${rank}`);
  return pads.map((cells) => fixed(n, cells, "a pad"));
}
