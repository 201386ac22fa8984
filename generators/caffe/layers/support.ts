import { internalError } from "../../../runtime/errors.js";
import type { Tensor } from "../../../runtime/layers/index.js";
import { sampleShape } from "../../../runtime/layers/tensors.js";
import type { Message } from "../../source/prototxt/message.js";
import type { BlobValue, CaffeLayer, LayerContext, Truth } from "./types.js";

/** The tensor of a bottom. The builder hands only tensors to layers that do not take truths. */
export function tensorOf(bottom: BlobValue | undefined): Tensor {
  if (bottom?.kind === "tensor") return bottom.tensor;
  throw internalError(`a layer was given ${bottom?.kind ?? "no"} blob where it takes a tensor`);
}

/** The shape of one sample of a tensor; all lengths of a Caffe net but the batch are known. */
export function sampleOf({ shape }: Tensor): readonly number[] {
  return sampleShape(shape).map((length) => {
    if (typeof length === "number") return length;
    throw internalError(`a Caffe net has the length ${length}`);
  });
}

/** The labels at a bottom; undefined after reporting a blob that a layer computes. */
export function truthOf(context: LayerContext, bottom: BlobValue | undefined): Truth | undefined {
  if (bottom?.kind === "truth") return bottom.truth;
  const name = context.layer.bottoms[1]?.name ?? "";
  const message = `its labels, bottom "${name}", are made by a layer, expected a top of a data or input layer`;
  context.problem("CAFFE_BOTTOM_INVALID", message, { at: context.layer.bottoms[1]?.at ?? context.layer.at });
  return undefined;
}

/** The weight of a loss layer's first top: 1 unless the file says otherwise (BVLC/caffe include/caffe/layers/loss_layer.hpp). */
export function lossWeight({ layer }: LayerContext): number {
  return layer.lossWeights[0] ?? 1;
}

export function tensorValue(tensor: Tensor): BlobValue {
  return { kind: "tensor", tensor };
}

/** What every layer function takes: its name and the place of its text. */
export function placed({ name, layer }: LayerContext): {
  readonly name: string;
  readonly at: LayerContext["layer"]["at"];
} {
  return { name, at: layer.at };
}

/** Notes a choice of implementation, which changes no numbers here. */
export function ignoreEngine(context: LayerContext, settings: Message): void {
  context.ignore(settings, ["engine"], "the engine of the run is chosen elsewhere");
}

/** Reports an axis other than the channels (1, or counted from the end of a blob of rank `rank`). */
export function requireChannelAxis(context: LayerContext, settings: Message, ranks: readonly number[]): void {
  const axis = settings.number("axis");
  if (axis === 1 || ranks.some((rank) => axis === 1 - rank)) return;
  const message = `its axis is ${axis}, expected 1 (the first axis of a sample); others are not supported yet`;
  context.problem("CAFFE_FIELD_UNSUPPORTED", message, { at: settings.at("axis") });
}

/** A layer that changes each number by itself, one bottom to one top, also in place. */
export function elementwise(
  parameter: string | undefined,
  read: (context: LayerContext, settings: Message | undefined) => (x: Tensor) => Tensor,
): CaffeLayer {
  return {
    bottoms: [1, 1],
    tops: [1, 1],
    inPlace: true,
    parameters: parameter === undefined ? [] : [parameter],
    read: (context) => {
      const make = read(context, parameter === undefined ? undefined : context.settings(parameter));
      return ([bottom]) => [tensorValue(make(tensorOf(bottom)))];
    },
  };
}
