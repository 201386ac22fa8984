import type { Network } from "../layers/types.js";
import { escapeText } from "../markup.js";
import { type Card, cardPadding, lineStyles } from "./card.js";
import { type PictureGraph, pictureGraph } from "./graph.js";
import { type Layout, layOut, type PlacedCard } from "./layout.js";
import { pathOf } from "./route.js";
import { pictureStyle } from "./style.js";

/** What a page around the picture wants of it. */
export interface SvgOptions {
  /** Makes each card a link to `#row-3`, the row of its layer; the card itself is `#node-3`. */
  readonly links?: boolean;
}

const tenth = (value: number): string => String(Math.round(value * 10) / 10);

/** The corners cut off. */
function octagon({ x, y, width, height }: PlacedCard): string {
  const cut = 9;
  const [right, bottom] = [x + width, y + height];
  const corners = [
    [x + cut, y],
    [right - cut, y],
    [right, y + cut],
    [right, bottom - cut],
    [right - cut, bottom],
    [x + cut, bottom],
    [x, bottom - cut],
    [x, y + cut],
  ];
  return `<path class="box" d="M${corners.map((corner) => corner.map(tenth).join(" ")).join("L")}Z"/>`;
}

function rectangle({ x, y, width, height }: PlacedCard, { name, radius }: { name: string; radius: number }): string {
  const at = `x="${tenth(x)}" y="${tenth(y)}" width="${tenth(width)}" height="${tenth(height)}"`;
  return `<rect class="${name}" ${at} rx="${tenth(radius)}"/>`;
}

const inset = (by: { x: number; y: number }, { x, y, width, height }: PlacedCard): PlacedCard => ({
  x: x + by.x,
  y: y + by.y,
  width: width - 2 * by.x,
  height: height - 2 * by.y,
});

/** The outline of a card says what its layer is: nobody needs the colour. */
const outlines: Readonly<Record<Card["kind"], (place: PlacedCard) => string>> = {
  plain: (place) => rectangle(place, { name: "box", radius: 4 }),
  trained: (place) => rectangle(place, { name: "box", radius: 4 }),
  metric: (place) => rectangle(place, { name: "box", radius: 4 }),
  // A stadium, as where a flow chart begins.
  input: (place) => rectangle(place, { name: "box", radius: 18 }),
  label: (place) => rectangle(place, { name: "box", radius: 18 }),
  // Double at the sides: kept between steps.
  variable: (place) =>
    rectangle(place, { name: "box", radius: 0 }) +
    rectangle(inset({ x: 5, y: 0 }, place), { name: "inner", radius: 0 }),
  // Double all around: what comes out.
  output: (place) =>
    rectangle(place, { name: "box", radius: 4 }) +
    rectangle(inset({ x: 3, y: 3 }, place), { name: "inner", radius: 2 }),
  loss: octagon,
};

function drawCard({ kind, lines, title }: Card, place: PlacedCard): string {
  let y = place.y + cardPadding.y;
  const texts = lines.map(({ text, style }) => {
    const { height, size } = lineStyles[style];
    y += height;
    const baseline = y - (height - size) / 2 - size * 0.15;
    return `<text class="${style}" x="${tenth(place.x + cardPadding.x)}" y="${tenth(baseline)}">${escapeText(text)}</text>`;
  });
  return `<g class="card ${kind}"><title>${escapeText(title)}</title>${outlines[kind](place)}${texts.join("")}</g>`;
}

function drawEdges({ edges }: PictureGraph, layout: Layout): readonly string[] {
  const lines = layout.edges.map(({ route }) => `<path class="edge" marker-end="url(#arrow)" d="${pathOf(route)}"/>`);
  const labels = layout.edges.map(({ label: { x, y } }, at) => {
    const text = escapeText(edges[at]?.label ?? "");
    return `<text class="shape" text-anchor="middle" x="${tenth(x)}" y="${tenth(y + 4)}">${text}</text>`;
  });
  return [...lines, ...labels];
}

const arrow =
  '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7.4" refY="4" markerWidth="8" markerHeight="8" ' +
  'markerUnits="userSpaceOnUse" orient="auto"><path class="head" d="M0 0.6L8 4L0 7.4Z"/></marker></defs>';

/**
 * A network as an SVG drawing: a card for each layer with name, type, options and number of parameters, an arrow for each
 * use of a tensor with the shape of a sample, in light and dark colours. The same network gives the same bytes.
 *
 * @example const drawing = await networkSvg(lenet);
 */
export async function networkSvg(network: Network, { links = false }: SvgOptions = {}): Promise<string> {
  const graph = pictureGraph(network);
  const layout = await layOut(graph);
  const { width, height } = layout;
  const cards = graph.cards.map((card, place) => {
    const drawn = drawCard(card, layout.cards[place] as PlacedCard);
    return links ? `<a id="node-${place}" href="#row-${place}">${drawn}</a>` : drawn;
  });
  return [
    `<svg class="net" xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"${links ? ' role="group"' : ' role="img"'}>`,
    `<title>${escapeText(network.name)}</title>`,
    `<style>${pictureStyle}</style>`,
    arrow,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...drawEdges(graph, layout),
    ...cards,
    "</svg>",
    "",
  ].join("\n");
}
