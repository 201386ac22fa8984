/** How commands say their options and read them: the same rows and decoder as training scripts have. */
export { decodeOptions } from "../runtime/options/decode.js";
export { dashed, type OptionRow, type OptionTable, type OptionValues } from "../runtime/options/row.js";
export { suggest } from "../runtime/options/suggest.js";
