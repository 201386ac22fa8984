export { openSafetensors } from "./safetensors.js";
export type { WeightSource } from "./source.js";
export { formatWeightReport, type StartingWeights, startFrom, type WeightReport } from "./start.js";
export { startingModel } from "./starting-model.js";
