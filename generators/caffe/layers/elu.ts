import { elu } from "../../../runtime/layers/index.js";
import { fieldRules } from "../../source/fields/field.js";
import { number } from "../../source/fields/kinds.js";
import { elementwise, placed } from "./support.js";

/** max(x, 0) + alpha · (e^min(x, 0) − 1); alpha 1 (caffe.proto, ELUParameter) */
export const eluLayer = elementwise(
  { elu_param: fieldRules({ message: "ELUParameter", fields: { alpha: number() } }) },
  ({ elu_param: { alpha } }, context) =>
    (x) =>
      elu(x, { ...placed(context), alpha }),
);
