export { readSafetensors, type SafetensorsFile, writeSafetensors } from "./safetensors.js";
export { type SavedResult, type SaveOptions, saveResult } from "./save-result.js";
