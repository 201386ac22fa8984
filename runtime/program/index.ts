export { compile } from "./compile.js";
export { dumpStages, type Stage } from "./dump.js";
export { compileInference, type Weights } from "./inference.js";
export { initialWeights } from "./layout.js";
export type { Feed, ParameterLayout, TrainingProgram } from "./types.js";
