import type { LayerNode } from "../../runtime/layers/types.js";
import { type Hole, holeOf } from "./name-pattern.js";
import type { Repeat } from "./repeats.js";

/** The digits that go on behind a stem: where they differ, the stem is a part of numbers that count the layers. */
const digitsBehind = ({ after }: Hole): string => /^\d*/.exec(after)?.[0] ?? "";

/** Whether the names of two runs differ in one stem. */
function shareStem(layers: readonly LayerNode[], [one, other]: readonly [number, number], length: number): boolean {
  let first: Hole | undefined;
  for (let layer = 0; layer < length; layer++) {
    const hole = holeOf([layers[one + layer]?.name ?? "", layers[other + layer]?.name ?? ""]);
    first ??= hole;
    if (hole.stems[0] !== first.stems[0] || hole.stems[1] !== first.stems[1]) return false;
    if (digitsBehind(hole) !== digitsBehind(first)) return false;
  }
  return true;
}

/**
 * The places of a run that may be cut anywhere at which its names follow from one stem: `res2a_branch2a`, `res2a_branch2b`,
 * then `res2b_branch2a`, `res2b_branch2b`. They lie apart; none where the names say nothing.
 */
export function placesByName(layers: readonly LayerNode[], { length, starts }: Repeat): readonly number[] {
  const all = new Set(starts);
  // Uses that follow each other show where a block begins; the first of the longest row is what the others are like.
  const rows = new Map<number, { readonly first: number; links: number }>();
  let best: { readonly first: number; readonly links: number } | undefined;
  for (const start of starts) {
    if (!all.has(start + length) || !shareStem(layers, [start, start + length], length)) continue;
    const row = rows.get(start) ?? { first: start, links: 0 };
    row.links += 1;
    rows.set(start + length, row);
    if (best === undefined || row.links > best.links) best = { ...row };
  }
  if (best === undefined) return [];
  const { first } = best;
  let end = 0;
  return starts.filter((start) => {
    if (start < end || (start !== first && !shareStem(layers, [first, start], length))) return false;
    if (start < first && start + length > first) return false;
    end = start + length;
    return true;
  });
}
