import { flatten, meanSquaredError, type Tensor } from "../../../runtime/layers/index.js";
import { tensorsOf } from "../../../runtime/layers/tensors.js";
import { sizeOf } from "../../../runtime/shape.js";
import { caffeLayer } from "./row.js";
import { lossWeight, placed, sampleOf } from "./support.js";
import type { BlobValue, LayerContext, NetEnds } from "./types.js";

interface Sides {
  readonly prediction: Tensor;
  readonly target: Tensor;
  readonly blob: string;
}

/** The distance is symmetric; what a data layer brings, or what does not learn, is the target. */
function sidesOf(context: LayerContext, [first, second]: readonly BlobValue[], ends: NetEnds): Sides | undefined {
  const [firstName = "", secondName = ""] = context.layer.bottoms.map(({ name }) => name);
  if (first?.kind === "tensor" && second?.kind === "tensor") {
    const swap = learns(second.tensor) && !learns(first.tensor);
    const [prediction, target] = swap ? [second.tensor, first.tensor] : [first.tensor, second.tensor];
    return { ...sameShape(prediction, target), blob: swap ? secondName : firstName };
  }
  if (first?.kind === "tensor" && second?.kind === "truth") {
    return { prediction: first.tensor, target: ends.target(second.truth, sampleOf(first.tensor)), blob: firstName };
  }
  if (first?.kind === "truth" && second?.kind === "tensor") {
    return { prediction: second.tensor, target: ends.target(first.truth, sampleOf(second.tensor)), blob: secondName };
  }
  context.problem("CAFFE_BOTTOM_INVALID", "none of its bottoms is made by a layer, expected a prediction and a target");
  return undefined;
}

function learns({ layer }: Tensor): boolean {
  const seen = new Set([layer]);
  for (const node of seen) for (const tensor of tensorsOf(node)) seen.add(tensor.layer);
  return [...seen].some(({ variables }) => Object.keys(variables).length > 0);
}

/** Caffe asks for equal sizes only (euclidean_loss_layer.cpp, Reshape). */
function sameShape(prediction: Tensor, target: Tensor): { readonly prediction: Tensor; readonly target: Tensor } {
  const differ = prediction.shape.join() !== target.shape.join();
  if (!differ || sizeOf(sampleOf(prediction)) !== sizeOf(sampleOf(target))) return { prediction, target };
  const vector = (x: Tensor): Tensor => (x.shape.length === 2 ? x : flatten(x));
  return { prediction: vector(prediction), target: vector(target) };
}

/** Σ (a − b)² / 2N for N rows */
export const euclideanLossLayer = caffeLayer({
  bottoms: [2, 2],
  tops: [0, 1],
  isLoss: true,
  truths: { 0: "values", 1: "values" },
  parameters: {},
  make: (_, context) => (bottoms, ends) => {
    const sides = sidesOf(context, bottoms, ends);
    if (sides === undefined) return [];
    const weight = lossWeight(context);
    const options = { ...placed(context), reduction: "halfSum", weight: weight === 0 ? 1 : weight } as const;
    const loss = meanSquaredError(sides.prediction, sides.target, options);
    ends.loss(loss, weight, { kind: "identity", tensor: sides.prediction, blob: sides.blob });
    return [{ kind: "scalar", scalar: loss }];
  },
});
