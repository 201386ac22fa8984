export { readSafetensors, type SafetensorsFile, writeSafetensors } from "../safetensors.js";
export { checkResultDirectory } from "./check-directory.js";
export { isResult, readResult, type TrainedResult } from "./read-result.js";
export { type ResultFile, type ResultRecord, type Rows, resultFiles, type SplitRecord } from "./record.js";
export { reportDataOf } from "./report-data.js";
export { openResult, type ResultSession } from "./result-session.js";
export { type SavedModel, type SaveModelOptions, saveModel } from "./save-model.js";
export { type SavedResult, type SaveOptions, saveResult } from "./save-result.js";
