import { tanh } from "../../../runtime/layers/index.js";
import { elementwise, ignoreEngine, placed } from "./support.js";

/** tanh x */
export const tanhLayer = elementwise("tanh_param", (context, settings) => {
  if (settings !== undefined) ignoreEngine(context, settings);
  return (x) => tanh(x, placed(context));
});
