import { caffeLayer } from "./row.js";

/** Hands one blob on under several names; the gradients of all add up */
export const splitLayer = caffeLayer({
  bottoms: [1, 1],
  tops: [1, Number.POSITIVE_INFINITY],
  truths: "any",
  parameters: {},
  make:
    (_, { layer }) =>
    ([bottom]) =>
      layer.tops.map(() => bottom ?? { kind: "broken" }),
});
