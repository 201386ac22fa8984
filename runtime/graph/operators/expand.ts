import { broadcast, formatShape } from "../dims.js";
import { inputAt, type Operator } from "./operator.js";
import { shapeInput } from "./shape.js";

/** y = x broadcast with a shape (input 1), in both directions as ONNX has it */
export const expand: Operator = {
  inputs: [2, 2],
  attributes: {},
  infer: (n) => {
    const x = inputAt(n, 0);
    const target = shapeInput(n, 1);
    const shape =
      broadcast(x.shape, target) ??
      n.fail(`"${x.name}" ${formatShape(x.shape)} cannot expand to ${formatShape(target)}`);
    return [{ dtype: x.dtype, shape }];
  },
  gradient: ({ dy }) => [() => dy, undefined],
};
