import { caffeLayer } from "./row.js";

/** Uses blobs and makes none */
export const silenceLayer = caffeLayer({
  bottoms: [1, Number.POSITIVE_INFINITY],
  tops: [0, 0],
  truths: "any",
  parameters: {},
  make: () => () => [],
});
