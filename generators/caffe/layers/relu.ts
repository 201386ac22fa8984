import { leakyRelu, relu } from "../../../runtime/layers/index.js";
import { fieldRules } from "../../source/fields/field.js";
import { number } from "../../source/fields/kinds.js";
import { elementwise, engineIsElsewhere, placed } from "./support.js";

/** max(x, 0) + negative_slope · min(x, 0) */
export const reluLayer = elementwise(
  {
    relu_param: fieldRules({
      message: "ReLUParameter",
      fields: { negative_slope: number() },
      ignored: { engine: engineIsElsewhere },
    }),
  },
  ({ relu_param: { negative_slope: slope } }, context) =>
    (x) =>
      slope === 0 ? relu(x, placed(context)) : leakyRelu(x, { ...placed(context), slope }),
);
