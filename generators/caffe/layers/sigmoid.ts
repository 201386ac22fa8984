import { sigmoid } from "../../../runtime/layers/index.js";
import { fieldRules } from "../../source/fields/field.js";
import { elementwise, engineIsElsewhere, placed } from "./support.js";

/** 1 / (1 + e^−x) */
export const sigmoidLayer = elementwise(
  { sigmoid_param: fieldRules({ message: "SigmoidParameter", fields: {}, ignored: { engine: engineIsElsewhere } }) },
  (_, context) => (x) => sigmoid(x, placed(context)),
);
