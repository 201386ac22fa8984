import { placeBlock } from "./block-layout.js";
import { type Block, cutIntoBlocks } from "./blocks.js";
import { type Columns, setInColumns, stackHeight, tallest } from "./columns.js";
import type { PictureGraph } from "./graph.js";
import type { Point, Route } from "./route.js";
import { routesOf } from "./routes.js";

/** A card's place: its top left corner and its size, in pixels. */
export interface PlacedCard extends Point {
  readonly width: number;
  readonly height: number;
}

export interface PlacedEdge {
  readonly route: Route;
  /** The centre of its label. */
  readonly label: Point;
}

/** Where each card and each edge of a graph is, in their order. All x and y are 0 or more. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly cards: readonly PlacedCard[];
  readonly edges: readonly PlacedEdge[];
}

function cardsOf(graph: PictureGraph, { blocks }: Columns): readonly PlacedCard[] {
  const centres = new Map<number, Point>();
  for (const { placed, at } of blocks) {
    for (const [card, { x, y }] of placed.cards) centres.set(card, { x: at.x + x, y: at.y + y });
  }
  return graph.cards.map(({ width, height }, place) => {
    const { x, y } = centres.get(place) ?? { x: 0, y: 0 };
    return { x: x - width / 2, y: y - height / 2, width, height };
  });
}

/** Moves everything so that the margin is left free, and rounds to tenths of a pixel. */
function framed(graph: PictureGraph, cards: readonly PlacedCard[], edges: readonly PlacedEdge[]): Layout {
  const margin = 16;
  const boxes = [
    ...cards,
    ...edges.flatMap(({ route }) => route.map((point) => ({ ...point, width: 0, height: 0 }))),
    ...edges.map(({ label: { x, y } }, at) => {
      const { width = 0, height = 0 } = graph.edges[at] ?? {};
      return { x: x - width / 2, y: y - height / 2, width, height };
    }),
  ];
  const extreme = (sign: 1 | -1, of: (box: PlacedCard) => number) =>
    sign * boxes.reduce((found, box) => Math.max(found, sign * of(box)), -Infinity);
  const left = extreme(-1, ({ x }) => x) - margin;
  const top = extreme(-1, ({ y }) => y) - margin;
  const tenth = (value: number) => Math.round(value * 10) / 10;
  const moved = <Placed extends Point>(point: Placed): Placed => ({
    ...point,
    x: tenth(point.x - left),
    y: tenth(point.y - top),
  });
  return {
    width: Math.ceil(extreme(1, ({ x, width }) => x + width) - left + margin),
    height: Math.ceil(extreme(1, ({ y, height }) => y + height) - top + margin),
    cards: cards.map(moved),
    edges: edges.map(({ route, label }) => ({ route: route.map(moved), label: moved(label) })),
  };
}

/** Lays out a graph from top to bottom; one that is too long for that goes on in further columns. */
export async function layOut(graph: PictureGraph): Promise<Layout> {
  const dagre = await import("@dagrejs/dagre");
  const place = (blocks: readonly Block[]) => blocks.map((block) => placeBlock(dagre, graph, block));
  const early = cutIntoBlocks(graph, false);
  const late = cutIntoBlocks(graph, true);
  let placed = place(early);
  // Inputs that join late would keep a long net in one piece.
  if (late.length > early.length && stackHeight(placed) > tallest) placed = place(late);
  const columns = setInColumns(placed);
  return framed(graph, cardsOf(graph, columns), routesOf(graph, columns));
}
