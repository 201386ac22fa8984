import type { CaffeLayer } from "./types.js";

/** Uses blobs and makes none */
export const silenceLayer: CaffeLayer = {
  bottoms: [1, Number.POSITIVE_INFINITY],
  tops: [0, 0],
  truths: "any",
  parameters: [],
  read: () => () => [],
};
