import { type Candidate, type Choice, candidateOf, type Surroundings, sparedLines } from "./candidates.js";
import type { Repeat } from "./repeats.js";

const learns = ({ layers }: Surroundings, { starts }: Pick<Candidate, "starts">): boolean =>
  Object.keys(layers[starts[0] ?? 0]?.variables ?? {}).length > 0;

/** Whether a candidate goes before another: it spares more, or begins with a layer that learns, or stands first. */
function isBetter(around: Surroundings, one: Candidate, other: Candidate): boolean {
  if (one.saved !== other.saved) return one.saved > other.saved;
  const [first, second] = [learns(around, one), learns(around, other)];
  if (first !== second) return first;
  return (one.starts[0] ?? 0) < (other.starts[0] ?? 0);
}

/**
 * Takes the repeat that spares most, then the next of what is left. A repeat spares less as layers are taken, so those that
 * spared less than the best of a round when they were last looked at need no look.
 */
function greedy(repeats: readonly Repeat[], around: Surroundings, choice: Choice, used: Uint8Array) {
  const chosen: Candidate[] = [];
  let left = repeats.map((repeat) => ({ repeat, bound: sparedLines(repeat.length, repeat.starts.length) }));
  for (;;) {
    left = left.filter(({ bound }) => bound > 0).sort((a, b) => b.bound - a.bound);
    let best: Candidate | undefined;
    for (const entry of left) {
      if (best !== undefined && entry.bound < best.saved) break;
      const candidate = candidateOf(entry.repeat, around, choice, used);
      entry.bound = candidate?.saved ?? 0;
      if (candidate !== undefined && (best === undefined || isBetter(around, candidate, best))) best = candidate;
    }
    if (best === undefined) return chosen;
    chosen.push(best);
    for (const start of best.starts) used.fill(1, start, start + best.length);
  }
}

/** Parts between joints first, then any others among the layers that are left. */
function inTurn(repeats: readonly Repeat[], around: Surroundings, branchings: number): readonly Candidate[] {
  const used = new Uint8Array(around.layers.length);
  const natural = greedy(repeats, around, { betweenJoints: true, branchings }, used);
  return [...natural, ...greedy(repeats, around, { betweenJoints: false, branchings }, used)];
}

const total = (chosen: readonly Candidate[]): number => chosen.reduce((sum, { saved }) => sum + saved, 0);

/**
 * Chooses what becomes a block, in the order of the network. A block that holds one branching part at most (a residual
 * block, an inception module) reads best; blocks of several are taken where they spare a quarter more lines in all.
 */
export function chooseBlocks(repeats: readonly Repeat[], around: Surroundings): readonly Candidate[] {
  const simple = inTurn(repeats, around, 1);
  const any = inTurn(repeats, around, Number.POSITIVE_INFINITY);
  const chosen = total(any) > 1.25 * total(simple) ? any : simple;
  return [...chosen].sort((a, b) => (a.starts[0] ?? 0) - (b.starts[0] ?? 0));
}
