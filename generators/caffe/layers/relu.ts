import { leakyRelu, relu } from "../../../runtime/layers/index.js";
import { elementwise, ignoreEngine, placed } from "./support.js";

/** max(x, 0) + negative_slope · min(x, 0) */
export const reluLayer = elementwise("relu_param", (context, settings) => {
  if (settings !== undefined) ignoreEngine(context, settings);
  const slope = settings?.number("negative_slope") ?? 0;
  return (x) => (slope === 0 ? relu(x, placed(context)) : leakyRelu(x, { ...placed(context), slope }));
});
