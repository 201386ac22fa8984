import { RunError } from "../errors.js";
import type { Executable, Feed, TrainingProgram, VariableLayout } from "../program/types.js";
import { sizeOf } from "../shape.js";

/** ENGINE_PROGRAM_INVALID with the program's name. */
export function programError(program: TrainingProgram, text: string, cause?: unknown): RunError {
  return new RunError({ code: "ENGINE_PROGRAM_INVALID", message: `program "${program.name}": ${text}` }, { cause });
}

/** The part of the flat buffer that variables of a role lie in. */
function partOf({ trained, pushed, size }: TrainingProgram, { role }: VariableLayout): readonly [number, number] {
  if (role === "trained") return [0, trained];
  return role === "state" ? [trained, pushed] : [pushed, size];
}

/** Each variable lies in its part of the buffer. */
export function checkLayout(program: TrainingProgram): void {
  for (const variable of program.variables) {
    const { name, shape, offset, length } = variable;
    const [start, end] = partOf(program, variable);
    if (length === sizeOf(shape) && offset >= start && offset + length <= end) continue;
    const found = `${length} floats at ${offset} for shape [${shape.join(",")}]`;
    const part = `a buffer of ${program.size} with its ${variable.role} part from ${start} to ${end}`;
    throw programError(program, `variable "${name}" has ${found}, which does not fit ${part}`);
  }
}

/** A loaded graph while its bindings are checked; `label` names it in messages. */
export interface Loaded {
  readonly label: string;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
}

/** The graph has exactly the inputs that its bindings name, and the outputs; they name what the program has. */
export function checkBindings(program: TrainingProgram, { inputs, outputs }: Executable, loaded: Loaded): void {
  const { label, inputNames, outputNames } = loaded;
  const known = inputs.filter((bound) =>
    bound.role === "variable" ? layoutNamed(program, bound.variable) : feedNamed(program, bound.feed),
  );
  const strangers = inputNames.filter((name) => !known.some(({ input }) => input === name));
  if (strangers.length > 0) {
    throw programError(program, `${label} takes "${strangers.join('", "')}", which is no variable or feed of it`);
  }
  const unread = inputs.filter(({ input }) => !inputNames.includes(input)).map(({ input }) => input);
  if (unread.length > 0) throw programError(program, `${label} has no input "${unread.join('", "')}"`);
  const absent = outputs.filter(({ output }) => !outputNames.includes(output)).map(({ output }) => output);
  if (absent.length > 0) throw programError(program, `${label} has no output "${absent.join('", "')}"`);
}

/** A graph of losses and metrics puts out a sum and a weight of each. */
export function checkScalars(program: TrainingProgram, { outputs }: Executable, label: string): void {
  for (const { name } of program.scalars) {
    for (const role of ["sum", "weight"] as const) {
      if (outputs.some((bound) => bound.role === role && bound.scalar === name)) continue;
      throw programError(program, `${label} has no ${role} of "${name}"`);
    }
  }
}

/** Each variable that a step changes has its output. */
export function checkPushed(program: TrainingProgram, { outputs }: Executable, label: string): void {
  for (const { name, role } of program.variables) {
    const wanted = role === "trained" ? "gradient" : role;
    if (wanted === "frozen" || outputs.some((bound) => bound.role === wanted && bound.variable === name)) continue;
    throw programError(program, `${label} has no ${wanted} of "${name}"`);
  }
}

export function layoutNamed({ variables }: TrainingProgram, wanted: string): VariableLayout | undefined {
  return variables.find(({ name }) => name === wanted);
}

export function feedNamed({ feeds }: TrainingProgram, wanted: string): Feed | undefined {
  return feeds.find(({ name }) => name === wanted);
}
