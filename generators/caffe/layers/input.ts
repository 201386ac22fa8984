import type { CaffeLayer } from "./types.js";

/** The net's inputs; axis 0 of each shape is the batch, which may have any length here */
export const inputLayer: CaffeLayer = {
  bottoms: [0, 0],
  tops: [1, Number.POSITIVE_INFINITY],
  parameters: ["input_param"],
  read: (context) => {
    const { tops } = context.layer;
    const settings = context.settings("input_param");
    const shapes = settings.messages("shape");
    if (shapes.length > 1 && shapes.length !== tops.length) {
      const message = `it has ${shapes.length} shapes and ${tops.length} tops, expected one shape, or one for each top`;
      context.problem("CAFFE_FIELD_INVALID", message, { at: settings.at("shape") });
    }
    for (const shape of shapes) {
      const bad = shape.numbers("dim").findIndex((length) => length < 1);
      if (bad < 0) continue;
      const message = `its shape has the dim ${shape.numbers("dim")[bad]}, expected at least 1`;
      context.problem("CAFFE_FIELD_INVALID", message, { at: shape.at("dim", bad) });
    }
    return (_, ends) =>
      tops.map((_top, top) => {
        const dims = (shapes.length === 1 ? shapes[0] : shapes[top])?.numbers("dim");
        return ends.source({ top, shape: dims?.slice(1) });
      });
  },
};
