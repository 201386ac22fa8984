import { type BestRule, parseBest } from "../checkpoints/best.js";
import { type DataRecord, fingerprintRows } from "../checkpoints/fingerprint.js";
import { checkpointFrequency } from "../checkpoints/frequency.js";
import { slotPrefix } from "../checkpoints/names.js";
import { type OpenCheckpoints, openCheckpoints } from "../checkpoints/open.js";
import type { LoadedCheckpoint } from "../checkpoints/read-checkpoint.js";
import type { Arrays, Snapshot } from "../checkpoints/write-checkpoint.js";
import { CompileError, type Note, type Problem } from "../errors.js";
import { reference } from "../kernels/reference.js";
import { updatePlan } from "../optimizers/plan.js";
import { makeOptimizer } from "../optimizers/table.js";
import { programHash } from "../program/hash.js";
import { viewsByName } from "../program/layout.js";
import type { VariableBuffer } from "../program/types.js";
import type { Job } from "./job.js";
import { trainedPart } from "./model-layout.js";
import { invalid } from "./option-problems.js";
import { resolvedOptions } from "./run-record.js";
import { lossesOf } from "./scalars.js";

/** The flat arrays of a run: all variables, and of each slot of the optimizer what it keeps of the trained ones. */
export interface RunArrays {
  readonly weights: Float32Array;
  readonly slots: readonly Float32Array[];
}

/**
 * The checkpoints of a job that so many workers do, opened; undefined where it neither writes nor resumes any. The server
 * opens them before it says `start`, uses them as {@link OpenCheckpoints} says, and closes them whatever happens.
 *
 * @throws CompileError PARAMSERV_OPTION_INVALID with all that is wrong with the options; what `openCheckpoints` throws
 */
export async function openRunCheckpoints(
  job: Job,
  workers: number,
  say?: (note: Note) => void,
): Promise<OpenCheckpoints | undefined> {
  const { options, layout, program } = job;
  const { checkpointing, checkpoints, resume, keepCheckpoints, replaceCheckpoints } = options;
  const problems = optionProblems(job);
  if (problems.length > 0) throw new CompileError(problems);
  if (resume === undefined && checkpointing === "NONE") return undefined;
  const best = bestRule(job);
  return openCheckpoints({
    directory: checkpoints,
    resume,
    keep: keepCheckpoints,
    replace: replaceCheckpoints,
    ...(best && { best }),
    run: {
      network: program?.name ?? "",
      ...(program && { program: programHash(program) }),
      options: { ...resolvedOptions(options, workers) },
      data: dataOf(job),
    },
    arrays: shapesOf(layout, slotsOf(job)),
    say,
  });
}

/** Views of a run's arrays by name, to be saved. */
export function snapshotArrays(job: Job, { weights, slots }: RunArrays): Pick<Snapshot, "weights" | "slots"> {
  const named = slotsOf(job).map(({ name, length, isOwn }, index): [string, Arrays] => {
    const data = slots[index] ?? new Float32Array(length);
    return [name, isOwn ? { all: { shape: [length], data } } : viewsByName(trainedPart(job.layout), data)];
  });
  return { weights: viewsByName(job.layout, weights), slots: Object.fromEntries(named) };
}

/** Reads the arrays of a checkpoint to where a run has them. */
export async function readArrays(checkpoint: LoadedCheckpoint, job: Job, into: RunArrays): Promise<void> {
  const { weights, slots } = snapshotArrays(job, into);
  for (const [name, { data }] of Object.entries(weights)) await checkpoint.read(name, data);
  for (const [slot, arrays] of Object.entries(slots)) {
    for (const [name, { data }] of Object.entries(arrays)) await checkpoint.read(`${slotPrefix}${slot}/${name}`, data);
  }
}

interface KeptSlot {
  readonly name: string;
  readonly length: number;
  /** Whether it is no array of one float an element of the trained variables: then it is saved as it lies. */
  readonly isOwn: boolean;
}

/** What the optimizer keeps; a user function keeps nothing that is known. */
function slotsOf({ options: { agg }, layout }: Job): readonly KeptSlot[] {
  if ("module" in agg) return [];
  const optimizer = makeOptimizer(agg, reference);
  const { slots } = updatePlan(layout.variables, optimizer);
  return slots.map(({ name, length }, index) => ({
    name,
    length,
    isOwn: optimizer.slots[index]?.length !== undefined,
  }));
}

function shapesOf(layout: VariableBuffer, slots: readonly KeptSlot[]): ReadonlyMap<string, readonly number[]> {
  const kept = trainedPart(layout).variables;
  return new Map([
    ...layout.variables.map(({ name, shape }) => [name, shape] as const),
    ...slots.flatMap(({ name: slot, length, isOwn }) => {
      if (isOwn) return [[`${slotPrefix}${slot}/all`, [length]] as const];
      return kept.map(({ name, shape }) => [`${slotPrefix}${slot}/${name}`, shape] as const);
    }),
  ]);
}

function dataOf({ training, validation }: Job): DataRecord {
  return {
    training: fingerprintRows(training.rows, training.dataset),
    ...(validation && { validation: fingerprintRows(validation.rows, validation.dataset) }),
  };
}

function bestRule({ options: { best }, program }: Job): BestRule | undefined {
  return best === undefined ? undefined : parseBest(best, program === undefined ? [] : lossNames(program));
}

function lossNames(program: NonNullable<Job["program"]>): readonly string[] {
  return lossesOf(program).map(({ name }) => name);
}

function optionProblems(job: Job): readonly Problem[] {
  const { checkpointing, checkpoints, resume, best } = job.options;
  const problems: Problem[] = [];
  const frequency = checkpointFrequency(checkpointing);
  if (frequency !== undefined && checkpoints === undefined && resume === undefined) {
    problems.push(
      invalid(`checkpointing is ${JSON.stringify(checkpointing)} without checkpoints; expected a directory`),
    );
  }
  if (best === undefined) return problems;
  if (frequency?.unit !== "epoch" || frequency.every !== 1) {
    const why = "the validation at the end of each epoch says which weights are the best";
    problems.push(
      invalid(`best is given and checkpointing is ${JSON.stringify(checkpointing)}; expected "EPOCH": ${why}`),
    );
  }
  if (job.validation === undefined) {
    problems.push(invalid(`best is ${JSON.stringify(best)} without val_features; expected rows to validate with`));
  }
  return [...problems, ...metricProblems(job)];
}

/** A mean that no validation of the program has. One of a user function is told when it is missed. */
function metricProblems(job: Job): readonly Problem[] {
  const rule = bestRule(job);
  if (rule === undefined || job.program === undefined) return [];
  const { scalars } = job.program;
  const losses = lossNames(job.program);
  // One loss is the total.
  const others = scalars.map(({ name }) => name).filter((name) => losses.length > 1 || !losses.includes(name));
  const known = ["loss", ...others].map((name) => `validation.${name}`);
  if (known.includes(`validation.${rule.metric}`)) return [];
  return [{ ...invalid(`best is ${JSON.stringify(job.options.best)}; expected one of ${known.join(", ")}`) }];
}
