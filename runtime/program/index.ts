export { type CompileOptions, compile } from "./compile.js";
export { dumpStages, type Stage } from "./dump.js";
export { compileInference, exportOnnx, type Weights } from "./inference.js";
export { initialWeights, viewsByName } from "./layout.js";
export type {
  Executable,
  Feed,
  InputBinding,
  OutputBinding,
  ProgramScalar,
  TrainingProgram,
  VariableBuffer,
  VariableLayout,
} from "./types.js";
