import { sigmoid } from "../../../runtime/layers/index.js";
import { elementwise, ignoreEngine, placed } from "./support.js";

/** 1 / (1 + e^−x) */
export const sigmoidLayer = elementwise("sigmoid_param", (context, settings) => {
  if (settings !== undefined) ignoreEngine(context, settings);
  return (x) => sigmoid(x, placed(context));
});
