import type { PictureEdge, PictureGraph } from "./graph.js";

/** A part of a network that one edge enters and one edge leaves. Numbers are positions of cards and edges in the graph. */
export interface Block {
  readonly cards: readonly number[];
  /** The edges between its own cards. */
  readonly edges: readonly number[];
  /** The edge from the block before; none in the first. */
  readonly entry?: number;
  /** The edge to the block after; none in the last. */
  readonly exit?: number;
}

/**
 * The cards in an order in which each follows those that it takes. Sources come just before their first use, inputs only
 * if `late`: else they come first, so that the towers of several inputs lie side by side.
 */
function orderOf({ cards, edges, inputs }: PictureGraph, late: boolean): readonly number[] {
  const taken = cards.map((): number[] => []);
  for (const { from, to } of edges) taken[to]?.push(from);
  const order = new Set<number>(late ? [] : inputs);
  for (const [place] of cards.entries()) {
    const from = taken[place] ?? [];
    if (from.length === 0) continue;
    for (const source of from) order.add(source);
    order.add(place);
  }
  // A source that nothing takes is an output itself.
  for (const [place] of cards.entries()) order.add(place);
  return [...order];
}

interface Span {
  readonly edge: number;
  readonly begin: number;
  readonly end: number;
}

/** After which positions of the order exactly one edge goes on, with that edge. */
function cutsOf(order: readonly number[], edges: readonly PictureEdge[]): ReadonlyMap<number, number> {
  const position = new Map(order.map((card, at) => [card, at]));
  const spans = edges.map(
    ({ from, to }, edge): Span => ({ edge, begin: position.get(from) ?? 0, end: position.get(to) ?? 0 }),
  );
  // How many edges pass a position, and the sum of their numbers: of one edge that is its number.
  const change = order.map(() => ({ count: 0, sum: 0 }));
  const add = (at: number, sign: number, edge: number) => {
    const entry = change[at];
    if (entry !== undefined) {
      entry.count += sign;
      entry.sum += sign * edge;
    }
  };
  for (const { edge, begin, end } of spans) {
    add(begin, 1, edge);
    add(end, -1, edge);
  }
  const cuts = new Map<number, number>();
  let count = 0;
  let sum = 0;
  for (const [at, entry] of change.entries()) {
    count += entry.count;
    sum += entry.sum;
    if (count === 1) cuts.set(at, sum);
  }
  return cuts;
}

/** Fewer cards than these at the end of a network stay together: its losses, metrics and outputs. */
const fewest = 8;

/** Whether all cards of a part but the last are taken within it, so that it ends in one card. */
function endsInOne(cards: readonly number[], last: number, edges: readonly PictureEdge[]): boolean {
  const inside = new Set(cards);
  const taken = new Set(edges.filter(({ from, to }) => inside.has(from) && inside.has(to)).map(({ from }) => from));
  return cards.every((card) => card === last || taken.has(card));
}

/** Cuts a network wherever all that follows hangs on one edge: chains into single layers, residual nets into their blocks. */
export function cutIntoBlocks(graph: PictureGraph, late: boolean): readonly Block[] {
  const order = orderOf(graph, late);
  const cuts = cutsOf(order, graph.edges);
  const first = late ? 0 : graph.inputs.size - 1;
  const blockOf = new Map<number, number>();
  const parts: { cards: number[]; edges: number[]; entry?: number; exit?: number }[] = [{ cards: [], edges: [] }];
  for (const [at, card] of order.entries()) {
    parts.at(-1)?.cards.push(card);
    blockOf.set(card, parts.length - 1);
    const cut = cuts.get(at);
    const last = parts.at(-1);
    if (cut === undefined || last === undefined || at < first) continue;
    const rest = order.length - at - 1;
    if (rest < fewest && !endsInOne(last.cards, graph.edges[cut]?.from ?? 0, graph.edges)) continue;
    last.exit = cut;
    parts.push({ cards: [], edges: [], entry: cut });
  }
  for (const [edge, { from, to }] of graph.edges.entries()) {
    const block = blockOf.get(from);
    if (block !== undefined && block === blockOf.get(to)) parts[block]?.edges.push(edge);
  }
  return parts;
}
