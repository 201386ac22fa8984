import { fieldRules } from "../../source/fields/field.js";
import { count, group, listOf } from "../../source/fields/kinds.js";
import { caffeLayer } from "./row.js";
import { placeOf } from "./support.js";

/** caffe.proto, BlobShape */
export const shapeRules = fieldRules({ message: "BlobShape", fields: { dim: listOf(count(1)) } });

/** The net's inputs; axis 0 of each shape is the batch, which may have any length here */
export const inputLayer = caffeLayer({
  bottoms: [0, 0],
  tops: [1, Number.POSITIVE_INFINITY],
  parameters: {
    input_param: fieldRules({ message: "InputParameter", fields: { shape: listOf(group(shapeRules)) } }),
  },
  make: ({ input_param: { shape: shapes } }, context) => {
    const { tops } = context.layer;
    if (shapes.length > 1 && shapes.length !== tops.length) {
      const message = `it has ${shapes.length} shapes and ${tops.length} tops, expected one shape, or one for each top`;
      context.problem("CAFFE_FIELD_INVALID", message, { at: placeOf(context, "input_param", "shape") });
    }
    return (_, ends) =>
      tops.map((_top, top) => {
        const dims = (shapes.length === 1 ? shapes[0] : shapes[top])?.dim;
        return ends.source({ top, shape: dims?.slice(1) });
      });
  },
});
