import { fieldRules } from "../../source/fields/field.js";
import { integer, listOf, text } from "../../source/fields/kinds.js";
import { choice } from "../../source/fields/words.js";
import { ifGiven } from "../../source/fields/wrappers.js";

/** When a layer is part of a net; a condition that is not given holds (caffe.proto, NetStateRule). */
export const stateRuleRules = fieldRules({
  message: "NetStateRule",
  fields: {
    phase: ifGiven(choice({ TRAIN: "TRAIN", TEST: "TEST" })),
    min_level: ifGiven(integer()),
    max_level: ifGiven(integer()),
    stage: listOf(text()),
    not_stage: listOf(text()),
  },
});

/** What a net is built for; the phase is the solver's to say (caffe.proto, NetState). */
export const stateRules = fieldRules({
  message: "NetState",
  fields: { level: ifGiven(integer()), stage: listOf(text()) },
  ignored: { phase: "both phases of a net are read" },
});
