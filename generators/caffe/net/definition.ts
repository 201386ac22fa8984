import type { SourceRef } from "../../../runtime/errors.js";
import { decodeFields, silent } from "../../source/fields/decode.js";
import type { Settings } from "../../source/fields/field.js";
import type { Message } from "../../source/prototxt/message.js";
import { stateRuleRules } from "./state-rules.js";

/** A blob as a layer names it. */
export interface BlobName {
  readonly name: string;
  readonly at: SourceRef;
}

/** Multipliers of one parameter blob of a layer. */
export interface ParameterSpec {
  readonly lr: number;
  readonly decay: number;
  /** Parameters of one name are shared. */
  readonly sharedName?: string;
  readonly at: SourceRef;
}

/** A condition under which a layer is part of a net (caffe.proto, NetStateRule). */
export type StateRule = Settings<typeof stateRuleRules.fields>;

/** One layer of a net file, in its new or old form. */
export interface LayerDefinition {
  readonly name: string;
  readonly type: string;
  readonly at: SourceRef;
  readonly typeAt: SourceRef;
  readonly bottoms: readonly BlobName[];
  readonly tops: readonly BlobName[];
  readonly lossWeights: readonly number[];
  readonly parameters: readonly ParameterSpec[];
  readonly include: readonly StateRule[];
  readonly exclude: readonly StateRule[];
  /** The message that holds the typed parameters (`convolution_param`). */
  readonly settings: Message;
  /** True where a problem of its text has been reported, so that its settings are not complete. */
  readonly damaged: boolean;
}

/** How messages call a layer. */
export function titleOf({ name, type }: Pick<LayerDefinition, "name" | "type">): string {
  return `layer "${name}" (${type})`;
}

function blobNames(message: Message, field: "bottom" | "top"): readonly BlobName[] {
  return message.texts(field).map((name, index) => ({ name, at: message.at(field, index) }));
}

function stateRules(message: Message, field: "include" | "exclude"): readonly StateRule[] {
  const rules = message.messages(field).map((rule) => decodeFields(rule, stateRuleRules, silent));
  return rules.filter((rule) => rule !== undefined);
}

function nameOf(message: Message, type: string, index: number): string {
  const given = message.text("name");
  return given === "" ? `${type === "" ? "layer" : type.toLowerCase()}_${index + 1}` : given;
}

/** Reads `layer { … }` (caffe.proto, LayerParameter); `index` names a layer without a name. */
export function readLayer(message: Message, index: number): LayerDefinition {
  const type = message.text("type");
  return {
    ...commonParts(message, type, index),
    parameters: message.messages("param").map((spec) => ({
      lr: spec.number("lr_mult"),
      decay: spec.number("decay_mult"),
      ...(spec.text("name") === "" ? {} : { sharedName: spec.text("name") }),
      at: spec.at(),
    })),
  };
}

/** What both forms write alike. */
export function commonParts(message: Message, type: string, index: number): Omit<LayerDefinition, "parameters"> {
  return {
    name: nameOf(message, type, index),
    type,
    at: message.at(),
    typeAt: message.at("type"),
    bottoms: blobNames(message, "bottom"),
    tops: blobNames(message, "top"),
    lossWeights: message.numbers("loss_weight"),
    include: stateRules(message, "include"),
    exclude: stateRules(message, "exclude"),
    settings: message,
    damaged: message.damaged,
  };
}
