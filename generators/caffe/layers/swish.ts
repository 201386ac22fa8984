import { swish } from "../../../runtime/layers/index.js";
import { elementwise, placed } from "./support.js";

/** x · sigmoid(beta · x); beta 1 (caffe.proto, SwishParameter) */
export const swishLayer = elementwise("swish_param", (context, settings) => {
  const beta = settings?.number("beta") ?? 1;
  return (x) => swish(x, { ...placed(context), beta });
});
