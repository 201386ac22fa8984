import { tanh } from "../../../runtime/layers/index.js";
import { fieldRules } from "../../source/fields/field.js";
import { elementwise, engineIsElsewhere, placed } from "./support.js";

/** tanh x */
export const tanhLayer = elementwise(
  { tanh_param: fieldRules({ message: "TanHParameter", fields: {}, ignored: { engine: engineIsElsewhere } }) },
  (_, context) => (x) => tanh(x, placed(context)),
);
