import type { CaffeLayer } from "./types.js";

/** Hands one blob on under several names; the gradients of all add up */
export const splitLayer: CaffeLayer = {
  bottoms: [1, 1],
  tops: [1, Number.POSITIVE_INFINITY],
  truths: "any",
  parameters: [],
  read:
    ({ layer }) =>
    ([bottom]) =>
      layer.tops.map(() => bottom ?? { kind: "broken" }),
};
