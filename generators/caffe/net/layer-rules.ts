import { type FieldTable, fieldRules, type MessageRules } from "../../source/fields/field.js";
import { group, listOf, number, text } from "../../source/fields/kinds.js";
import { apart, otherwise } from "../../source/fields/wrappers.js";
import type { CaffeLayer } from "../layers/types.js";
import type { LayerDefinition } from "./definition.js";
import { stateRuleRules } from "./state-rules.js";

const multiplier = number("a number ≥ 0", (value) => value >= 0);

/** Multipliers of one array of a layer (caffe.proto, ParamSpec). */
const paramRules = fieldRules({
  message: "ParamSpec",
  fields: { name: otherwise(text(), ""), lr_mult: multiplier, decay_mult: multiplier },
  ignored: { share_mode: "it is about shared parameters, which are refused" },
});

const common = {
  name: otherwise(text(), ""),
  type: otherwise(text(), ""),
  bottom: listOf(text()),
  top: listOf(text()),
  loss_weight: listOf(number()),
  include: listOf(group(stateRuleRules)),
  exclude: listOf(group(stateRuleRules)),
} satisfies FieldTable;

const refused: NonNullable<MessageRules["refused"]> = { blobs: { because: "weights in a prototxt are not read" } };

/** What a layer says beside its typed parameters, in each of its forms (caffe.proto). */
export const commonRules = {
  LayerParameter: {
    message: "LayerParameter",
    fields: { ...common, param: listOf(group(paramRules)) },
    ignored: { phase: "it does not keep the layer out of a phase; include does" },
    refused: {
      ...refused,
      propagate_down: { when: (value) => value === false, because: "gradients are not stopped" },
    },
  },
  V1LayerParameter: {
    message: "V1LayerParameter",
    fields: { ...common, blobs_lr: listOf(multiplier), weight_decay: listOf(multiplier), param: listOf(text()) },
    ignored: { blob_share_mode: "it is about shared parameters, which are refused" },
    refused: { ...refused, layer: { because: "Caffe's first form is not read" } },
  },
} satisfies Readonly<Record<string, MessageRules>>;

/** The rules of a layer's own fields: those of every layer, those of its row, and parameters that are for other types. */
export function layerRules({ settings, type }: LayerDefinition, row: CaffeLayer): MessageRules {
  const rules: MessageRules =
    settings.type.name === "V1LayerParameter" ? commonRules.V1LayerParameter : commonRules.LayerParameter;
  const parameters = Object.keys(row.parameters);
  const foreign = settings.given.filter((field) => field.endsWith("_param") && !parameters.includes(field));
  return {
    ...rules,
    fields: { ...rules.fields, ...Object.fromEntries(parameters.map((name) => [name, apart("the row")])) },
    ignored: {
      ...rules.ignored,
      ...Object.fromEntries(foreign.map((name) => [name, `a ${type} layer does not read it`])),
    },
    refused: { ...rules.refused, ...row.refused },
  };
}
