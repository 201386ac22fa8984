import { pageHead } from "../../html-page.js";
import { escapeText } from "../../markup.js";
import { stalenessBars, workerBars } from "./bars.js";
import { chartsData, chartsMarkup, chartsOf } from "./charts.js";
import { definitions, type Markup, section } from "./elements.js";
import { pageScript } from "./page-script.js";
import { pageStyle } from "./page-style.js";
import { plotLibrary } from "./plot-library.js";
import type { ReportData } from "./report-data.js";
import { countEntries, epochTable, optionEntries, originEntries, statusText, tiles } from "./sections.js";

/** As an image: no script in a drawing runs, and its names meet none of the page's. */
function pictureMarkup(svg: string | undefined, network: string): Markup {
  if (svg === undefined) return "";
  const source = `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
  const label = escapeText(`The layers of ${network} as a graph`);
  return `<div class="picture" tabindex="0" role="region" aria-label="picture of the network"><img src="${source}" alt="${label}"></div>`;
}

/**
 * A run as one HTML page that needs nothing else: figures, curves, where each worker's time went, options, origin and the
 * network. It opens from disk, in light and dark, and has every number in a table for those who do not run its script. The
 * same run gives the same bytes.
 *
 * @returns the page, as text
 */
export function reportHtml(data: ReportData): string {
  const { network, statistics } = data;
  const library = plotLibrary();
  const charts = chartsOf(data);
  const scripts = charts.length === 0 ? [] : [library.script, pageScript];
  const counts = countEntries(data);
  const left = [
    section("Counts", counts.length === 0 ? "" : definitions(counts, "facts")),
    section("Origin", definitions(originEntries(data), "facts")),
  ];
  const right = section("Options", definitions(optionEntries(data), "facts"));
  return [
    ...pageHead({
      title: `${network}: training`,
      scripts,
      styles: [...(charts.length === 0 ? [] : [library.style]), pageStyle],
      images: true,
    }),
    "<body>",
    "<header>",
    `<h1>${escapeText(network)}</h1>`,
    `<p>${escapeText(statusText(data))}</p>`,
    definitions(tiles(data), "tiles"),
    "</header>",
    "<main>",
    section("Curves", chartsMarkup(charts), epochTable(data)),
    section("Time of the workers", statistics === undefined ? "" : workerBars(statistics)),
    section("Staleness", statistics === undefined ? "" : stalenessBars(statistics)),
    `<div class="columns"><div>${left.join("\n")}</div><div>${right}</div></div>`,
    section("Network", pictureMarkup(data.picture, network)),
    "</main>",
    charts.length === 0 ? "" : chartsData(charts),
    ...scripts.map((script) => `<script>${script}</script>`),
    "</body>",
    "</html>",
    "",
  ]
    .filter((line) => line !== "")
    .join("\n")
    .concat("\n");
}
