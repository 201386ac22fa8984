import { softplus } from "../../../runtime/layers/index.js";
import { elementwise, placed } from "./support.js";

/** ln(1 + e^x) */
export const bnllLayer = elementwise({}, (_, context) => (x) => softplus(x, placed(context)));
