import { dropout } from "../../../runtime/layers/index.js";
import { fieldRules } from "../../source/fields/field.js";
import { number } from "../../source/fields/kinds.js";
import { elementwise, placed } from "./support.js";
import type { CaffeLayer } from "./types.js";

/** TRAIN: x · m / (1 − dropout_ratio); TEST: x. dropout_ratio 0.5 (caffe.proto, DropoutParameter) */
export const dropoutLayer: CaffeLayer = {
  ...elementwise(
    {
      dropout_param: fieldRules({
        message: "DropoutParameter",
        fields: { dropout_ratio: number("a number ≥ 0 and < 1", (rate) => rate >= 0 && rate < 1) },
      }),
    },
    ({ dropout_param: { dropout_ratio } }, context) =>
      (x) =>
        dropout(x, { ...placed(context), rate: dropout_ratio }),
  ),
  refused: {
    phase: { because: "it changes what Dropout does", hint: "to keep a layer out of a phase, use include" },
  },
};
