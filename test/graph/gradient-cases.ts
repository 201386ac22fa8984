import type { Cases } from "./cases/case.js";
import { controlCases } from "./cases/control.js";
import { elementwiseCases } from "./cases/elementwise.js";
import { indexingCases } from "./cases/indexing.js";
import { normalizationCases } from "./cases/normalization.js";
import { productCases } from "./cases/products.js";
import { reductionCases } from "./cases/reductions.js";
import { shapeCases } from "./cases/shapes.js";
import { windowCases } from "./cases/windows.js";

/** Cases by operator; window-grid.test.ts has the grids of windows. */
export const gradientCases: Cases = {
  ...controlCases,
  ...elementwiseCases,
  ...indexingCases,
  ...normalizationCases,
  ...productCases,
  ...reductionCases,
  ...shapeCases,
  ...windowCases,
};
