import type { PlacedBlock } from "./block-layout.js";
import { edgeLabelHeight } from "./card.js";
import { arrowRun, type Point } from "./route.js";
import { gapFor } from "./rows.js";

/** Where the top left corner of a block is. */
export interface SetBlock {
  readonly placed: PlacedBlock;
  readonly at: Point;
  readonly column: number;
}

/** A column's extent. */
export interface Column {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Columns {
  readonly blocks: readonly SetBlock[];
  readonly columns: readonly Column[];
}

/** Between a block and the label of the edge that leaves it. */
export const labelGap = 12 + edgeLabelHeight / 2;
/** Blocks stand as far apart as the rows in them, so that cuts cannot be seen. */
const gapBetween = (above: PlacedBlock | undefined): number =>
  above === undefined ? 0 : 2 * labelGap + gapFor(Math.abs(axisOf(above) - above.exit.x)) - 12 + arrowRun - 4;

/** The x that stands on the axis of its column: where the edge from above comes in. */
const axisOf = ({ block, entry, exit }: PlacedBlock): number => (block.entry === undefined ? exit.x : entry.x);

/** Room between columns for the edge that goes on at the top. */
const columnGap = 48;
/** A picture as high as this is one column. */
export const tallest = 1500;
/** Columns are at least so high. */
const lowest = 900;
/** What the picture of a long net strives for: width over height. */
const aspect = 1.6;

export function stackHeight(blocks: readonly PlacedBlock[]): number {
  return blocks.reduce((sum, { height }, at) => sum + gapBetween(blocks[at - 1]) + height, 0);
}

/** How high columns may be, so that a long net becomes a page and not a thread. */
function columnHeight(blocks: readonly PlacedBlock[]): number {
  const height = stackHeight(blocks);
  if (height <= tallest) return height;
  const width = columnGap + Math.max(...blocks.map((block) => block.width));
  const columns = Math.max(1, Math.min(Math.round(Math.sqrt((aspect * height) / width)), Math.floor(height / lowest)));
  return height / columns;
}

function split(blocks: readonly PlacedBlock[]): readonly (readonly PlacedBlock[])[] {
  const limit = columnHeight(blocks);
  const columns: PlacedBlock[][] = [[]];
  let used = 0;
  for (const [at, block] of blocks.entries()) {
    const needed = block.height + (used === 0 ? 0 : gapBetween(blocks[at - 1]));
    // The middle of a block decides, so that columns are as high as the limit on average.
    if (used > 0 && used + needed - block.height / 2 > limit) {
      columns.push([]);
      used = block.height;
    } else used += needed;
    columns.at(-1)?.push(block);
  }
  return columns;
}

/** Sets blocks one below the other in columns from left to right on one axis each. */
export function setInColumns(blocks: readonly PlacedBlock[]): Columns {
  const set: SetBlock[] = [];
  const columns: Column[] = [];
  let left = 0;
  for (const [column, members] of split(blocks).entries()) {
    const axes = members.map(axisOf);
    const before = Math.max(...axes);
    const after = Math.max(...members.map(({ width }, at) => width - (axes[at] ?? 0)));
    let y = 0;
    for (const [at, placed] of members.entries()) {
      y += gapBetween(members[at - 1]);
      set.push({ placed, column, at: { x: left + before - (axes[at] ?? 0), y } });
      y += placed.height;
    }
    columns.push({ left, right: left + before + after, bottom: y });
    left += before + after + columnGap;
  }
  return { blocks: set, columns };
}
