import { add, formatShape, highest, neg } from "../lengths.js";
import type { Dim, Value } from "../types.js";
import { axesOf, type Inference, type Inputs, listOf, type Operator, type Signature } from "./operator.js";
import { foldedBack } from "./pad-gradient.js";

const signature = {
  inputs: ["x: any", "pads: int64", "value?: any", "axes?: index"],
  attributes: { mode: { kind: "string", default: "constant", choices: ["constant", "reflect", "edge", "wrap"] } },
} as const satisfies Signature;

export const pad: Operator<typeof signature> = {
  signature,
  doc: "y = x with cells put before and after the axes (pads: all befores, then all afters), negative pads crop (onnx.ai, Pad)",
  infer: (inputs, n) => {
    const { x, value } = inputs;
    const pads = padsOf(inputs, n);
    const shape = x.shape.map((dim, axis): Dim => {
      const [before, after] = pads.get(axis) ?? [0, 0];
      const length = add(dim, add(before, after));
      if (highest(length) < 0) n.fail(`axis ${axis} would have length ${length}`);
      requireRoom(n, dim, [before, after]);
      return length;
    });
    if (value && (value.dtype !== x.dtype || value.shape.length > 0)) {
      n.fail(`the fill "${value.name}" is ${value.dtype} ${formatShape(value.shape)}; expected ${x.dtype} []`);
    }
    return { dtype: x.dtype, shape };
  },
  gradient: (inputs, d) => {
    const { g, dy } = d;
    const { x, pads, axes, value } = inputs;
    if (d.attributes.mode !== "constant") {
      const { mode } = d.attributes;
      return { x: () => foldedBack({ ...d, mode }, x, padsOf(inputs, d)), value: undefined };
    }
    const cropped = () => {
      const known = d.constant(pads);
      const back = known ? g.ints(Array.from(known.data, (cells) => 0 - cells)) : g.op("Neg", [pads]);
      return g.op("Pad", [dy, back, undefined, axes]);
    };
    const sum = (all: Value) => g.op("ReduceSum", [all, g.ints(x.shape.map((_, axis) => axis))], { keepdims: 0 });
    // The fill took what x did not.
    return { x: cropped, value: value && (() => g.op("Sub", [sum(dy), sum(cropped())])) };
  },
};

export type Pads = ReadonlyMap<number, readonly [before: Dim, after: Dim]>;

/** Cells before and after each axis that is padded. */
function padsOf({ x, pads, axes }: Inputs<typeof signature>, n: Omit<Inference, "outputs" | "attributes">): Pads {
  const rank = x.shape.length;
  const padded = axes ? axesOf(n, axes, rank) : x.shape.map((_, axis) => axis);
  const cells = listOf(n, pads, "pads");
  if (cells.length !== 2 * padded.length) {
    n.fail(`it has ${cells.length} pads; expected ${2 * padded.length} for ${padded.length} axes`);
  }
  return new Map(padded.map((axis, index) => [axis, [cells[index] ?? 0, cells[index + padded.length] ?? 0]]));
}

/** Reflected cells, all but the first, and wrapped ones have to be there. */
function requireRoom(
  n: Pick<Inference<typeof signature>, "attributes" | "fail">,
  length: Dim,
  pads: readonly Dim[],
): void {
  const { mode } = n.attributes;
  if (mode !== "reflect" && mode !== "wrap") return;
  const most = mode === "reflect" ? add(length, -1) : length;
  const wide = pads.find((cells) => highest(add(most, neg(cells))) < 0);
  if (wide !== undefined) n.fail(`the pad ${wide} is wider than mode "${mode}" allows for length ${length}: ${most}`);
}
