import { swish } from "../../../runtime/layers/index.js";
import { fieldRules } from "../../source/fields/field.js";
import { number } from "../../source/fields/kinds.js";
import { elementwise, placed } from "./support.js";

/** x · sigmoid(beta · x); beta 1 (caffe.proto, SwishParameter) */
export const swishLayer = elementwise(
  { swish_param: fieldRules({ message: "SwishParameter", fields: { beta: number() } }) },
  ({ swish_param: { beta } }, context) =>
    (x) =>
      swish(x, { ...placed(context), beta }),
);
