import { CompileError } from "../errors.js";
import { groupOf, unmatchedProblems } from "./groups.js";
import type { Optimizer, Reduction } from "./types.js";

/** What a plan has to know of a variable; a program's layout is a list of such. */
export interface PlannedVariable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: string;
  /** Its first float in the flat buffer, a multiple of 16. */
  readonly offset: number;
  readonly length: number;
  /** Multiplies the rate. */
  readonly lr: number;
  /** Multiplies the weight decay. */
  readonly decay: number;
}

/** A part of an array, in floats. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A piece of the trained part that one thread updates at once. */
export interface Chunk extends Span {
  readonly lr: number;
  readonly decay: number;
  /** 0 for the optimizer's own options, else the number of the group from 1. */
  readonly group: number;
  /** Its part of each slot's array. */
  readonly slots: readonly Span[];
  /** Which variable it is a part of, counted among the plan's, where chunks do not cross variables. */
  readonly variable?: number;
  readonly shape?: readonly number[];
  /** Where its sums begin among the partial sums. */
  readonly partial: number;
}

export interface SlotArray {
  readonly name: string;
  /** Floats. */
  readonly length: number;
  readonly initial: number;
}

/** How an update is divided: plain data that follows from layout and optimizer alone, so that all threads have the same. */
export interface UpdatePlan {
  readonly chunks: readonly Chunk[];
  readonly slots: readonly SlotArray[];
  /** Float64 numbers that hold the sums of all chunks. */
  readonly partials: number;
  /** Variables that chunks count. */
  readonly variables: number;
  /** Floats of the longest chunk: what scratch arrays have to hold. */
  readonly longest: number;
}

/** Floats updated at a time, a multiple of a cache line: a few arrays of 64 KiB stay in a core's cache. */
export const chunkLength = 16_384;
/** Floats on a cache line. */
const line = 16;

/**
 * Plans the updates of a flat buffer: chunks of at most {@link chunkLength} floats, one after another, each with one set
 * of options. Where all is element-wise neighbours with equal options share chunks, padding between them included, which is
 * zero and stays zero. Where sums are over variables no chunk crosses one; where an optimizer takes whole variables
 * (Adafactor) a chunk is a variable, however long. Variables that are not trained, or at rate 0, are in none.
 *
 * @throws CompileError OPTIMIZER_GROUP_UNMATCHED for groups that name nothing
 */
export function updatePlan(variables: readonly PlannedVariable[], optimizer: Optimizer): UpdatePlan {
  const all = variables.filter(({ role }) => role === "trained");
  const names = (list: readonly PlannedVariable[]) => list.map(({ name }) => name);
  const others = names(variables.filter(({ role }) => role !== "trained"));
  const problems = unmatchedProblems(optimizer.groups, names(all), others);
  if (problems.length > 0) throw new CompileError(problems);

  const slots = placeSlots(all, optimizer);
  const trained = all.flatMap((variable, index) => {
    const group = groupOf(variable.name, optimizer.groups);
    const places = slots.map(({ places: spans }) => spans[index] ?? { start: 0, end: 0 });
    return variable.lr === 0 ? [] : [{ ...variable, group, places }];
  });
  const runs = optimizer.whole || optimizer.reductions.some(isOverVariables) ? trained.map(runOf) : merged(trained);
  const width = optimizer.reductions.reduce((sum, reduction) => sum + reduction.width, 0);
  const chunks = runs
    .flatMap((run) => (optimizer.whole ? [run] : cut(run)))
    .map((chunk, index) => ({ ...chunk, partial: index * width }));
  return {
    chunks,
    slots: slots.map(({ name, initial, length }) => ({ name, initial, length })),
    partials: chunks.length * width,
    variables: trained.length,
    longest: chunks.reduce((most, { start, end }) => Math.max(most, end - start), 0),
  };
}

const isOverVariables = ({ over }: Reduction) => over === "variable";

interface Trained extends PlannedVariable {
  readonly group: number;
  /** Its part of each slot. */
  readonly places: readonly Span[];
}

type Run = Omit<Chunk, "partial">;

/** Slots of one float an element lie as the variables do; others follow one another, each on a line of its own. */
function placeSlots(trained: readonly PlannedVariable[], { slots }: Optimizer) {
  return slots.map(({ name, initial = 0, length }) => {
    let end = 0;
    const places = trained.map(({ offset, length: elements, shape }): Span => {
      if (length === undefined) {
        end = Math.max(end, offset + padded(elements));
        return { start: offset, end: offset + elements };
      }
      const start = end;
      const own = length(shape);
      end += padded(own);
      return { start, end: start + own };
    });
    return { name, initial, places, length: end };
  });
}

const padded = (length: number) => Math.ceil(length / line) * line;

function runOf({ offset, length, lr, decay, group, places, shape }: Trained, index: number): Run {
  return { start: offset, end: offset + length, lr, decay, group, slots: places, variable: index, shape };
}

/** Neighbours with equal options in one run; what is left out between two of them parts them. */
function merged(trained: readonly Trained[]): readonly Run[] {
  const runs: Run[] = [];
  for (const { offset, length, lr, decay, group, places } of trained) {
    const last = runs.at(-1);
    const isNext = last !== undefined && padded(last.end) === offset;
    const goesOn = isNext && last.lr === lr && last.decay === decay && last.group === group;
    const start = goesOn ? last.start : offset;
    if (goesOn) runs.pop();
    const slots = places.map(({ end }, index) => ({
      start: goesOn ? (last.slots[index]?.start ?? start) : start,
      end,
    }));
    runs.push({ start, end: offset + length, lr, decay, group, slots });
  }
  return runs;
}

/** Pieces of an element-wise run, whose slots are as long as it is. */
function cut(run: Run): readonly Run[] {
  const pieces = Math.ceil((run.end - run.start) / chunkLength);
  return Array.from({ length: pieces }, (_, index) => {
    const [from, to] = [index * chunkLength, Math.min((index + 1) * chunkLength, run.end - run.start)];
    const slots = run.slots.map(({ start }) => ({ start: start + from, end: start + to }));
    return { ...run, start: run.start + from, end: run.start + to, slots };
  });
}
