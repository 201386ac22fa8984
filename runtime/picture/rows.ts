import { arrowRun, type Point } from "./route.js";

/** A row of things with one y: their centre and half of the highest. */
export interface Row {
  readonly y: number;
  readonly half: number;
}

/** Between rows when no edge bends there. */
const straight = 12;
/** The more an edge moves sideways, the more height its curve is given. */
const curved = { least: 20, most: 44, slope: 0.12 } as const;

/** Room that edges need to move sideways by as much as `dx` pixels. */
export function gapFor(dx: number): number {
  return dx < 1 ? straight : Math.min(curved.most, Math.max(curved.least, dx * curved.slope));
}

const key = (y: number): number => Math.round(y);

/** Joins things of one y to rows, from the top. */
export function rowsOf(things: readonly Row[]): readonly Row[] {
  const rows = new Map<number, Row>();
  for (const { y, half } of things) {
    const row = rows.get(key(y));
    rows.set(key(y), { y, half: Math.max(half, row?.half ?? 0) });
  }
  return [...rows.values()].sort((a, b) => a.y - b.y);
}

/**
 * New y for each row, so that rows are as near to each other as the edges between them allow. `lines` are those of the
 * edges, from row to row.
 *
 * @returns a function from old to new y, and the whole height
 */
export function respace(
  rows: readonly Row[],
  lines: readonly (readonly Point[])[],
): { readonly y: (old: number) => number; readonly height: number } {
  const places = new Map(rows.map(({ y }, place) => [key(y), place]));
  const sideways = rows.map(() => 0);
  for (const line of lines) {
    for (const [at, { x, y }] of line.entries()) {
      const above = line[at - 1];
      const place = places.get(key(y)) ?? 0;
      if (above !== undefined) sideways[place] = Math.max(sideways[place] ?? 0, Math.abs(x - above.x));
    }
  }
  const moved = new Map<number, number>();
  let bottom = 0;
  for (const [place, { y, half }] of rows.entries()) {
    const cards = half > 8;
    const gap = place === 0 ? 0 : gapFor(sideways[place] ?? 0) + (cards ? arrowRun - 4 : 0);
    moved.set(key(y), bottom + gap + half);
    bottom += gap + 2 * half;
  }
  return { y: (old) => moved.get(key(old)) ?? old, height: bottom };
}
