import type { Block } from "./blocks.js";
import { edgeLabelHeight } from "./card.js";
import type { PictureGraph } from "./graph.js";
import type { Band, Point } from "./route.js";
import { type Row, respace, rowsOf } from "./rows.js";

type Dagre = typeof import("@dagrejs/dagre");

/** Where things of a block are, in pixels from its top left corner. Cards are given by their centres. */
export interface PlacedBlock {
  readonly block: Block;
  readonly width: number;
  readonly height: number;
  readonly cards: ReadonlyMap<number, Point>;
  /** The points that each edge passes, its ends left out; the label is one of them. */
  readonly bends: ReadonlyMap<number, readonly Point[]>;
  readonly labels: ReadonlyMap<number, Point>;
  readonly bands: readonly Band[];
  /** Where an edge from above comes in, and one to below goes out. */
  readonly entry: Point;
  readonly exit: Point;
}

/** The cards at a block's ends, and whether the way to them has to be kept free. */
interface Ends {
  readonly entry?: number;
  readonly exit?: number;
  readonly rims: boolean;
}

/** Cards of the block that none of its own edges enters (or leaves). */
function loose(graph: PictureGraph, { cards, edges }: Block, end: "from" | "to"): readonly number[] {
  const touched = new Set(edges.map((edge) => graph.edges[edge]?.[end]));
  return cards.filter((card) => !touched.has(card));
}

/**
 * The graph for dagre. With rims, an edge to a point above (or below) all cards keeps a way free for the edge that comes
 * from outside; weightless edges hold that point there.
 */
function dagreGraph(dagre: Dagre, graph: PictureGraph, block: Block, { entry, exit, rims }: Ends) {
  const g = new dagre.Graph({ multigraph: true });
  g.setGraph({ rankdir: "TB", nodesep: 26, edgesep: 14, ranksep: 24, marginx: 0, marginy: 0 });
  for (const card of block.cards) {
    const { width = 0, height = 0 } = graph.cards[card] ?? {};
    g.setNode(`${card}`, { width, height });
  }
  for (const edge of block.edges) {
    const { from = 0, to = 0, width, height } = graph.edges[edge] ?? {};
    g.setEdge(`${from}`, `${to}`, { width, height, labelpos: "c", weight: 2 }, `${edge}`);
  }
  const rim = (name: "entry" | "exit", card: number | undefined, others: readonly number[]) => {
    if (card === undefined || !rims) return;
    g.setNode(name, { width: 2, height: 2 });
    for (const other of new Set([card, ...others])) {
      const [from, to] = name === "entry" ? [name, `${other}`] : [`${other}`, name];
      g.setEdge(from, to, { weight: other === card ? 2 : 0 }, `${name} ${other}`);
    }
  };
  rim("entry", entry, loose(graph, block, "to"));
  rim("exit", exit, loose(graph, block, "from"));
  return g;
}

interface Raw {
  readonly cards: Map<number, Point>;
  readonly bends: Map<number, readonly Point[]>;
  readonly labels: Map<number, Point>;
  readonly entry?: Point;
  readonly exit?: Point;
  readonly width: number;
}

const inner = (points: readonly Point[] = []): readonly Point[] => points.slice(1, -1).map(({ x, y }) => ({ x, y }));

/** What dagre made of a block, with rows still as far apart as it puts them. */
function rawLayout(dagre: Dagre, graph: PictureGraph, block: Block, ends: Ends): Raw {
  const g = dagreGraph(dagre, graph, block, ends);
  dagre.layout(g);
  const pointOf = (name: string): Point => {
    const { x, y } = g.node(name);
    return { x, y };
  };
  const bends = new Map<number, readonly Point[]>();
  const labels = new Map<number, Point>();
  for (const edge of block.edges) {
    const { from, to } = graph.edges[edge] ?? {};
    const { points, x, y } = g.edge(`${from}`, `${to}`, `${edge}`);
    bends.set(edge, inner(points));
    labels.set(edge, { x, y });
  }
  const cards = new Map(block.cards.map((card) => [card, pointOf(`${card}`)]));
  const raw = { cards, bends, labels, width: g.graph().width ?? 0 };
  if (!ends.rims) return raw;
  const { entry, exit } = ends;
  if (block.entry !== undefined) bends.set(block.entry, inner(g.edge("entry", `${entry}`, `entry ${entry}`).points));
  if (block.exit !== undefined) bends.set(block.exit, inner(g.edge(`${exit}`, "exit", `exit ${exit}`).points));
  return {
    ...raw,
    ...(entry === undefined ? {} : { entry: pointOf("entry") }),
    ...(exit === undefined ? {} : { exit: pointOf("exit") }),
  };
}

/** Whether the edges from outside reach their cards past nothing else: these are in the first and the last row. */
function isOpen({ cards }: Raw, { entry, exit }: Ends): boolean {
  const ys = [...cards.values()].map(({ y }) => Math.round(y));
  const at = (card: number) => Math.round(cards.get(card)?.y ?? 0);
  return (entry === undefined || at(entry) === Math.min(...ys)) && (exit === undefined || at(exit) === Math.max(...ys));
}

function linesOf(graph: PictureGraph, { cards, bends, entry, exit }: Raw): readonly (readonly Point[])[] {
  return [...bends].map(([edge, points]) => {
    const { from = 0, to = 0 } = graph.edges[edge] ?? {};
    return [cards.get(from) ?? entry, ...points, cards.get(to) ?? exit].filter((point) => point !== undefined);
  });
}

/** Brings the rows together and gives the block its final shape. */
function finish(graph: PictureGraph, block: Block, raw: Raw, ends: Ends): PlacedBlock {
  const cardRows = [...raw.cards].map(([card, { y }]): Row => ({ y, half: (graph.cards[card]?.height ?? 0) / 2 }));
  const labelRows = [...raw.labels.values()].map(({ y }): Row => ({ y, half: edgeLabelHeight / 2 }));
  const rims = [raw.entry, raw.exit].filter((point) => point !== undefined);
  const points = [...rims, ...[...raw.bends.values()].flat()].map(({ y }): Row => ({ y, half: 0 }));
  const { y: at, height } = respace(rowsOf([...cardRows, ...labelRows, ...points]), linesOf(graph, raw));
  const move = ({ x, y }: Point): Point => ({ x, y: at(y) });
  const cards = new Map([...raw.cards].map(([card, point]) => [card, move(point)]));
  const rim = (point: Point | undefined, card: number | undefined, y: number): Point => ({
    x: (point ?? cards.get(card ?? -1))?.x ?? raw.width / 2,
    y,
  });
  return {
    block,
    width: raw.width,
    height,
    cards,
    bends: new Map([...raw.bends].map(([edge, points]) => [edge, points.map(move)])),
    labels: new Map([...raw.labels].map(([edge, point]) => [edge, move(point)])),
    bands: rowsOf(cardRows).map(({ y, half }) => ({ top: at(y) - half, bottom: at(y) + half })),
    entry: rim(raw.entry, ends.entry, 0),
    exit: rim(raw.exit, ends.exit, height),
  };
}

/** Lays out one block. */
export function placeBlock(dagre: Dagre, graph: PictureGraph, block: Block): PlacedBlock {
  const entry = block.entry === undefined ? undefined : graph.edges[block.entry]?.to;
  const exit = block.exit === undefined ? undefined : graph.edges[block.exit]?.from;
  const ends = { ...(entry === undefined ? {} : { entry }), ...(exit === undefined ? {} : { exit }), rims: false };
  const [only = 0, ...others] = block.cards;
  if (others.length === 0) {
    const { width = 0, height = 0 } = graph.cards[only] ?? {};
    const cards = new Map([[only, { x: width / 2, y: height / 2 }]]);
    return finish(graph, block, { cards, bends: new Map(), labels: new Map(), width }, ends);
  }
  const raw = rawLayout(dagre, graph, block, ends);
  if (isOpen(raw, ends)) return finish(graph, block, raw, ends);
  const rimmed = { ...ends, rims: true };
  return finish(graph, block, rawLayout(dagre, graph, block, rimmed), rimmed);
}
