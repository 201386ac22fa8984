import { escapeText } from "../../markup.js";

/** Markup that is whole as it is; texts become it by {@link escapeText}. */
export type Markup = string;

/** A cell of a table: a text, or a number that stands at the right. */
export type Cell = { readonly text: string; readonly isNumber?: boolean };

function cellOf({ text, isNumber = false }: Cell): Markup {
  return `<td${isNumber ? ' class="number"' : ""}>${escapeText(text)}</td>`;
}

/** A table that scrolls in itself where the page is narrower. The first cell of a row is its head. */
export function table(caption: string, titles: readonly Cell[], rows: readonly (readonly Cell[])[]): Markup {
  const head = titles.map(({ text, isNumber = false }) => {
    return `<th scope="col"${isNumber ? ' class="number"' : ""}>${escapeText(text)}</th>`;
  });
  const body = rows.map(([first, ...others]) => {
    return `<tr><th scope="row">${escapeText(first?.text ?? "")}</th>${others.map(cellOf).join("")}</tr>`;
  });
  return [
    `<div class="scroll" tabindex="0" role="region" aria-label="${escapeText(caption)}">`,
    `<table><thead><tr>${head.join("")}</tr></thead><tbody>`,
    ...body,
    "</tbody></table></div>",
  ].join("\n");
}

/** Names and what they are, two columns. */
export function definitions(entries: readonly (readonly [name: string, text: string])[], className: string): Markup {
  const rows = entries.map(([name, text]) => {
    return `<div><dt>${escapeText(name)}</dt><dd>${escapeText(text)}</dd></div>`;
  });
  return `<dl class="${className}">${rows.join("\n")}</dl>`;
}

/** A part of the page under its heading; nothing where it has no content. */
export function section(heading: string, ...content: readonly Markup[]): Markup {
  const parts = content.filter((part) => part !== "");
  if (parts.length === 0) return "";
  return [`<section><h2>${escapeText(heading)}</h2>`, ...parts, "</section>"].join("\n");
}

/** What can be opened. */
export function details(summary: string, content: Markup, open = false): Markup {
  return `<details${open ? " open" : ""}><summary>${escapeText(summary)}</summary>\n${content}\n</details>`;
}
