import type { PlacedBlock } from "./block-layout.js";
import { type Column, type Columns, labelGap, type SetBlock } from "./columns.js";
import type { PictureEdge, PictureGraph } from "./graph.js";
import type { PlacedEdge } from "./layout.js";
import { type Band, type Point, routeThrough, shifted } from "./route.js";

/** Room above and below columns for an edge that goes from one to the next. */
const detour = 22;

/** The middle of a card's bottom edge: from there its results go out. */
function wayOut(graph: PictureGraph, { placed, at }: SetBlock, card: number): Point {
  const { x = 0, y = 0 } = placed.cards.get(card) ?? {};
  return { x: at.x + x, y: at.y + y + (graph.cards[card]?.height ?? 0) / 2 };
}

/** Where on the top of its card an edge arrives: several come side by side, in the order in which they come down. */
function wayIn(graph: PictureGraph, { placed, at }: SetBlock, edge: number): Point {
  const { to = 0 } = graph.edges[edge] ?? {};
  const { block, cards, bends } = placed;
  const mine = [...block.edges, ...(block.entry === undefined ? [] : [block.entry])].filter(
    (other) => graph.edges[other]?.to === to,
  );
  const from = (other: number) =>
    bends.get(other)?.at(-1)?.x ??
    (other === block.entry ? placed.entry.x : cards.get(graph.edges[other]?.from ?? 0)?.x) ??
    0;
  const order = mine.sort((a, b) => from(a) - from(b) || a - b);
  const { width = 0, height = 0 } = graph.cards[to] ?? {};
  const step = Math.min(24, (width - 24) / Math.max(1, order.length - 1));
  const { x = 0, y = 0 } = cards.get(to) ?? {};
  const offset = (order.indexOf(edge) - (order.length - 1) / 2) * step;
  return { x: at.x + x + offset, y: at.y + y - height / 2 };
}

const bandsIn = ({ placed, at }: SetBlock): readonly Band[] =>
  placed.bands.map(({ top, bottom }) => ({ top: top + at.y, bottom: bottom + at.y }));

const bendsIn = ({ placed, at }: SetBlock, edge: number): readonly Point[] => shifted(placed.bends.get(edge) ?? [], at);

const rim = ({ at }: SetBlock, point: Point): Point => ({ x: at.x + point.x, y: at.y + point.y });

/** The edge from a block to the one below it, or to the top of the next column. */
function joint(
  graph: PictureGraph,
  [above, below]: readonly [SetBlock, SetBlock],
  columns: readonly Column[],
): PlacedEdge {
  const edge = above.placed.block.exit ?? 0;
  const { from } = graph.edges[edge] as PictureEdge;
  const [start, end] = [wayOut(graph, above, from), wayIn(graph, below, edge)];
  const [out, entry] = [rim(above, above.placed.exit), rim(below, below.placed.entry)];
  const [before, after] = [bendsIn(above, edge), bendsIn(below, edge)];
  const bands = [...bandsIn(above), ...bandsIn(below)];
  if (above.column === below.column) {
    const label = { x: out.x, y: out.y + labelGap };
    const through = [...before, { x: out.x, y: out.y }, label, { x: entry.x, y: entry.y }, ...after];
    // Rims that lie on a card's own edge are no bends.
    return {
      route: routeThrough(
        start,
        through.filter(({ y }) => y !== start.y && y !== end.y),
        end,
        bands,
      ),
      label,
    };
  }
  const { right = 0, bottom = 0 } = columns[above.column] ?? {};
  const lane = (right + (columns[below.column]?.left ?? right)) / 2;
  const label = { x: out.x, y: out.y + labelGap };
  const turn = bottom + labelGap + detour;
  const through = [
    ...before,
    { x: out.x, y: turn },
    { x: lane, y: turn },
    { x: lane, y: entry.y - detour - arrowRoom },
    { x: entry.x, y: entry.y - detour - arrowRoom },
    ...after,
  ];
  return { route: routeThrough(start, through, end, bands), label };
}

const arrowRoom = 8;

function innerEdges(graph: PictureGraph, set: SetBlock): readonly (readonly [number, PlacedEdge])[] {
  const { block, labels }: PlacedBlock = set.placed;
  return block.edges.map((edge) => {
    const { from } = graph.edges[edge] as PictureEdge;
    const [start, end] = [wayOut(graph, set, from), wayIn(graph, set, edge)];
    const route = routeThrough(start, bendsIn(set, edge), end, bandsIn(set));
    return [edge, { route, label: rim(set, labels.get(edge) ?? { x: 0, y: 0 }) }] as const;
  });
}

/** The ways of all edges of a graph whose blocks are set, in the graph's order. */
export function routesOf(graph: PictureGraph, { blocks, columns }: Columns): readonly PlacedEdge[] {
  const routes = new Map<number, PlacedEdge>(blocks.flatMap((set) => innerEdges(graph, set)));
  for (const [at, above] of blocks.entries()) {
    const below = blocks[at + 1];
    if (below !== undefined) routes.set(above.placed.block.exit ?? 0, joint(graph, [above, below], columns));
  }
  return graph.edges.map((_, edge) => routes.get(edge) as PlacedEdge);
}
