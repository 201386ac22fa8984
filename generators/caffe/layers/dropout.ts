import { dropout } from "../../../runtime/layers/index.js";
import { elementwise, placed } from "./support.js";

/** TRAIN: x · m / (1 − dropout_ratio); TEST: x. dropout_ratio 0.5 (caffe.proto, DropoutParameter) */
export const dropoutLayer = elementwise("dropout_param", (context, settings) => {
  const rate = settings?.number("dropout_ratio") ?? 0.5;
  if (!(rate >= 0 && rate < 1)) {
    const message = `its dropout_ratio is ${rate}, expected a number ≥ 0 and < 1`;
    context.problem("CAFFE_FIELD_INVALID", message, { at: (settings ?? context.layer.settings).at("dropout_ratio") });
  }
  return (x) => dropout(x, { ...placed(context), rate });
});
