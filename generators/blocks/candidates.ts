import type { LayerNode } from "../../runtime/layers/types.js";
import type { Joints } from "./joints.js";
import { nameGroups } from "./name-pattern.js";
import { limits, type Repeat, type Wiring } from "./repeats.js";

/** A part of a network as its blocks are chosen. */
export interface Surroundings {
  readonly layers: readonly LayerNode[];
  readonly wiring: Wiring;
  readonly joints: Joints;
  /** The last layer that takes each output, by `layer.output`; the network's own ends are taken at infinity. */
  readonly lastUse: ReadonlyMap<string, number>;
}

/** Which runs are looked at. */
export interface Choice {
  /** Only those that begin and end at joints. */
  readonly betweenJoints: boolean;
  /** Branching parts that one may hold. */
  readonly branchings: number;
}

/** Runs that become one block. */
export interface Candidate {
  readonly length: number;
  readonly starts: readonly number[];
  /** Lines that the block spares. */
  readonly saved: number;
}

/** The lines of `uses` times `length` layers, each with its comment, less those of a function and its calls. */
export function sparedLines(length: number, uses: number): number {
  return 2 * length * uses - (length + 8 + 3 * uses);
}

/** More stems of names than this are passed as a list of names. */
export const mostNameGroups = 3;

/** Runs of a repeat that lie apart from each other and from those that are in blocks already. */
function free({ length, starts }: Repeat, { joints }: Surroundings, choice: Choice, used: Uint8Array) {
  let end = 0;
  return starts.filter((start) => {
    if (start < end || used.subarray(start, start + length).includes(1)) return false;
    const between = joints.isJoint(start) && joints.isJoint(start + length);
    if (choice.betweenJoints && !between) return false;
    if (joints.branchings(start, length) > choice.branchings) return false;
    end = start + length;
    return true;
  });
}

/** The outputs of a block's layers that something after it takes, in at least one use. */
export function outputsOf(
  { layers, lastUse }: Pick<Surroundings, "layers" | "lastUse">,
  length: number,
  starts: readonly number[],
) {
  return [...Array(length).keys()].flatMap((layer) => {
    const outputs = layers[(starts[0] ?? 0) + layer]?.outputs ?? [];
    return outputs.flatMap((_, output) => {
      const leaves = starts.some((start) => (lastUse.get(`${start + layer}.${output}`) ?? -1) >= start + length);
      return leaves ? [{ layer, output }] : [];
    });
  });
}

/** How many tensors from before it a run takes. */
function inputsOf(wiring: Wiring, start: number, length: number): number {
  const outside = wiring
    .slice(start, start + length)
    .flatMap((taken) => taken.filter(({ layer }) => layer < start).map(({ layer, output }) => `${layer}.${output}`));
  return new Set(outside).size;
}

/** Lines that names add to a use: none for one stem; each further one, and a list the more, makes a call harder to read. */
function nameCost(layers: readonly LayerNode[], length: number, starts: readonly number[]): number {
  // The first uses show the pattern, if there is one.
  const some = starts.slice(0, 24);
  const names = [...Array(length).keys()].map((layer) => some.map((start) => layers[start + layer]?.name ?? ""));
  const groups = nameGroups(names).length;
  return groups <= mostNameGroups ? 2.5 * (groups - 1) : 5 + length / 6;
}

/** Lines for the layers that lead a block without learning anything: they often belong to what is before. */
function leadCost(layers: readonly LayerNode[], length: number, start: number): number {
  const run = layers.slice(start, start + length);
  const lead = run.findIndex(({ variables }) => Object.keys(variables).length > 0);
  return Math.max(0, lead) / 2;
}

/** The runs of a repeat that would become a block now; undefined where that spares nothing. */
export function candidateOf(
  repeat: Repeat,
  around: Surroundings,
  choice: Choice,
  used: Uint8Array,
): Candidate | undefined {
  const { length } = repeat;
  const starts = free(repeat, around, choice, used);
  const [first] = starts;
  if (first === undefined || sparedLines(length, starts.length) <= 0) return undefined;
  const outputs = outputsOf(around, length, starts).length;
  if (outputs > limits.outputs) return undefined;
  const ends = inputsOf(around.wiring, first, length) + outputs - 2;
  const costs = ends / 2 + nameCost(around.layers, length, starts) + leadCost(around.layers, length, first);
  const saved = sparedLines(length, starts.length) - starts.length * costs;
  return saved > 0 ? { length, starts, saved } : undefined;
}
