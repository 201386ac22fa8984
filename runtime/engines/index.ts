import { RunError } from "../errors.js";
import type { TrainingProgram } from "../program/types.js";
import type { Engine, EngineOptions, Session } from "./engine.js";
import { onnxruntime } from "./onnxruntime.js";
import { programError } from "./program-check.js";

const rows = { onnxruntime } as const satisfies Record<string, Engine>;

export type EngineName = keyof typeof rows;

/** Every engine by the name that the `engine` option takes. */
export const engines: Readonly<Record<EngineName, Engine>> = rows;

/**
 * Opens a program on the engine of that name; throws ENGINE_UNKNOWN with the known names, and ENGINE_PROGRAM_INVALID for
 * a program that was compiled for the target of another engine.
 */
export async function openEngine(name: string, program: TrainingProgram, options?: EngineOptions): Promise<Session> {
  const engine = Object.hasOwn(engines, name) ? engines[name as EngineName] : undefined;
  if (engine === undefined) {
    const known = Object.keys(engines)
      .map((each) => `"${each}"`)
      .join(", ");
    throw new RunError({ code: "ENGINE_UNKNOWN", message: `found engine "${name}", expected one of ${known}` });
  }
  if (program.target !== engine.target) {
    const found = `it was compiled for the target "${program.target}"`;
    throw programError(program, `${found}, expected "${engine.target}" for the engine "${name}"`);
  }
  return engine.open(program, options);
}
