import { elu } from "../../../runtime/layers/index.js";
import { elementwise, placed } from "./support.js";

/** max(x, 0) + alpha · (e^min(x, 0) − 1); alpha 1 (caffe.proto, ELUParameter) */
export const eluLayer = elementwise("elu_param", (context, settings) => {
  const alpha = settings?.number("alpha") ?? 1;
  return (x) => elu(x, { ...placed(context), alpha });
});
