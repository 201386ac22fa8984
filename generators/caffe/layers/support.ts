import { internalError, type SourceRef } from "../../../runtime/errors.js";
import type { Tensor } from "../../../runtime/layers/index.js";
import { sampleShape } from "../../../runtime/layers/tensors.js";
import type { MessageRules } from "../../source/fields/field.js";
import { caffeLayer, type ParameterSettings } from "./row.js";
import type { BlobValue, CaffeLayer, LayerContext, Truth } from "./types.js";

/** Why a choice of implementation is ignored: it changes no numbers here. */
export const engineIsElsewhere = "the engine of the run is chosen elsewhere";

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

/** The labels at bottom 1; undefined after reporting a blob that a layer computes. */
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

/** The place of a field in one of the layer's typed parameters. */
export function placeOf({ layer }: LayerContext, parameter: string, field: string): SourceRef {
  return layer.settings.messageOrDefaults(parameter).at(field);
}

interface ChannelAxis {
  readonly parameter: string;
  readonly axis: number;
  readonly rank: number;
}

/** Reports an axis other than the channels (1, or counted from the end of a blob of rank `rank`). */
export function requireChannelAxis(context: LayerContext, { parameter, axis, rank }: ChannelAxis): void {
  if (axis === 1 || axis === 1 - rank) return;
  const message = `its axis is ${axis}, expected 1 (the first axis of a sample); others are not supported yet`;
  context.problem("CAFFE_FIELD_UNSUPPORTED", message, { at: placeOf(context, parameter, "axis") });
}

/** A layer that changes each number by itself, one bottom to one top, also in place. */
export function elementwise<const Table extends Readonly<Record<string, MessageRules>>>(
  parameters: Table,
  make: (settings: ParameterSettings<Table>, context: LayerContext) => (x: Tensor) => Tensor,
): CaffeLayer {
  return caffeLayer({
    bottoms: [1, 1],
    tops: [1, 1],
    inPlace: true,
    parameters,
    make: (settings, context) => {
      const layer = make(settings, context);
      return ([bottom]) => [tensorValue(layer(tensorOf(bottom)))];
    },
  });
}
