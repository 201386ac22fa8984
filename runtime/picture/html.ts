import { pageHead } from "../html-page.js";
import type { Network } from "../layers/types.js";
import { escapeText } from "../markup.js";
import { formatCount, formatNumberOf } from "../report/format.js";
import { countElements } from "../shape.js";
import { describeOptions, describePlace, describeVariables } from "./card.js";
import { formatShape, pictureGraph } from "./graph.js";
import { pageScript } from "./page-script.js";
import { pageStyle } from "./page-style.js";
import { networkSvg } from "./svg.js";

/** What a page says beside the network. */
export interface HtmlOptions {
  /** A line under the heading, such as the format and files that the network came from. */
  readonly source?: string;
  /** What was understood but has no effect, or was adjusted. */
  readonly notes?: readonly string[];
}

const headings = ["layer", "type", "takes", "options", "gives", "variables", "parameters", "place"] as const;

/** The rows of the table: a link to the card, then all that is known of the layer. */
function tableRows(network: Network): readonly string[] {
  const { edges, cards } = pictureGraph(network);
  const sources = network.layers.map((): string[] => []);
  for (const { from, to } of edges) sources[to]?.push(link("row", from, network.layers[from]?.name ?? ""));
  return network.layers.map((layer, place) => {
    const count = countElements(Object.values(layer.variables));
    const cells = [
      escapeText(layer.type),
      (sources[place] ?? []).join(", "),
      escapeText(describeOptions(layer)),
      escapeText(layer.outputs.map(formatShape).join(", ")),
      escapeText(describeVariables(layer)),
      count === 0 ? "" : formatCount(count),
      escapeText(describePlace(layer.at)),
    ];
    const tag = cards[place]?.lines.find(({ style }) => style === "tag")?.text;
    const role = tag === undefined ? "" : ` <span class="role">${escapeText(tag)}</span>`;
    const head = `<th scope="row">${link("node", place, layer.name)}${role}</th>`;
    return `<tr id="row-${place}">${head}${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
}

const link = (kind: "node" | "row", place: number, name: string): string =>
  `<a href="#${kind}-${place}">${escapeText(name)}</a>`;

function header(network: Network, { source, notes = [] }: HtmlOptions): readonly string[] {
  const { name, layers, variables } = network;
  const sizes = `${formatNumberOf(layers.length, "layer")}, ${formatNumberOf(countElements(variables), "parameter")}`;
  const remarks = notes.map((note) => `<li>${escapeText(note)}</li>`).join("");
  const found =
    notes.length === 0
      ? ""
      : `<details><summary>${formatNumberOf(notes.length, "note")}</summary><ul>${remarks}</ul></details>`;
  return [
    "<header>",
    `<h1>${escapeText(name)}</h1>`,
    `<p>${sizes}${source === undefined ? "" : ` · ${escapeText(source)}`}</p>`,
    found,
    "</header>",
  ].filter((line) => line !== "");
}

const zoom = [
  '<div id="zoom" role="toolbar" aria-label="zoom" hidden>',
  '<button type="button" data-zoom="out" aria-label="smaller">−</button>',
  '<button type="button" data-zoom="in" aria-label="larger">+</button>',
  '<button type="button" data-zoom="one">100 %</button>',
  '<button type="button" data-zoom="fit">whole</button>',
  "</div>",
];

/**
 * A network as one HTML page that needs nothing else: its picture beside a table of its layers, each card a link to its row
 * and each row to its card. The same network gives the same bytes.
 *
 * @example const page = await networkHtml(lenet, { source: "caffe, lenet.prototxt" });
 */
export async function networkHtml(network: Network, options: HtmlOptions = {}): Promise<string> {
  const titles = headings.map((title) => `<th scope="col">${title}</th>`).join("");
  return [
    ...pageHead({ title: network.name, scripts: [pageScript], styles: [pageStyle] }),
    "<body>",
    ...header(network, options),
    "<main>",
    '<section class="picture" aria-label="picture">',
    ...zoom,
    '<div id="picture" tabindex="0" role="region" aria-label="picture of the network">',
    (await networkSvg(network, { links: true })).trimEnd(),
    "</div>",
    "</section>",
    '<section class="layers" id="layers" tabindex="0" role="region" aria-label="table of layers">',
    "<table>",
    `<thead><tr>${titles}</tr></thead>`,
    "<tbody>",
    ...tableRows(network),
    "</tbody>",
    "</table>",
    "</section>",
    "</main>",
    `<script>${pageScript}</script>`,
    "</body>",
    "</html>",
    "",
  ].join("\n");
}
