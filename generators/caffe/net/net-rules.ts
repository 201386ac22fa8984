import { fieldRules } from "../../source/fields/field.js";
import { group, integer, listOf, text } from "../../source/fields/kinds.js";
import { apart, otherwise, unless } from "../../source/fields/wrappers.js";
import { stateRules } from "./state-rules.js";

/** What a net says beside its layers (caffe.proto, NetParameter). */
export const netRules = fieldRules({
  message: "NetParameter",
  fields: {
    name: otherwise(text(), ""),
    layer: apart("the rules of layers"),
    layers: apart("the rules of layers"),
    input: listOf(text()),
    input_dim: unless(listOf(integer()), {
      when: ({ given }) => given.includes("input_shape"),
      because: "input_shape is given, which wins",
    }),
    input_shape: apart("the Input layer that it stands for"),
    state: group(stateRules),
  },
  ignored: {
    force_backward: "gradients flow to what learns",
    debug_info: "progress is shown in another way",
  },
  checks: [
    {
      of: [],
      check: (_, { has, problem }) => {
        if (!has("layer") || !has("layers")) return;
        problem("invalid", "the net has entries of both `layer` and `layers`, expected one form", "layers");
      },
    },
  ],
});
