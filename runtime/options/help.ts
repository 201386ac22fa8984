import { placeholderOf } from "./expectation.js";
import { dashed, type OptionRow, type OptionTable } from "./row.js";

/** What a help text says, from top to bottom. */
export interface HelpPage {
  /** `paramserv train MODEL [options]` */
  readonly usage: string;
  readonly description: string;
  /** Names with what they are, under headings before the options: arguments, commands. */
  readonly lists?: Readonly<Record<string, readonly (readonly [name: string, meaning: string])[]>>;
  readonly options: OptionTable;
  /** Values that hold without the option, in place of what its row says, by the option's name. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  readonly examples?: readonly (readonly [command: string, meaning: string])[];
  readonly epilogue?: string;
  /** Width of the terminal. Default 100. */
  readonly columns?: number | undefined;
}

/** Widths that a help text keeps within. */
const widest = 110;
const narrowest = 50;
/** Left columns wider than this stand on a line of their own. */
const longestHead = 28;

/** Breaks text at blanks into lines of at most `columns`. */
function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** Two columns, the right one wrapped. */
function formatList(rows: readonly (readonly [head: string, text: string])[], columns: number): string {
  const width = Math.min(longestHead, Math.max(...rows.map(([head]) => head.length)));
  const indent = " ".repeat(width + 4);
  return rows
    .map(([head, text]) => {
      const [first = "", ...more] = wrap(text, columns - indent.length);
      const start = head.length > width ? `  ${head}\n${indent}${first}` : `  ${head.padEnd(width)}  ${first}`;
      return [start.trimEnd(), ...more.map((line) => `${indent}${line}`)].join("\n");
    })
    .join("\n");
}

/** A default as a person writes it. */
function shown(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return value.join(",");
  return Object.entries(value)
    .map(([name, one]) => `${name}=${shown(one)}`)
    .join(" ");
}

function describe(row: OptionRow & { readonly fallback?: unknown }, usual: unknown): string {
  const choices =
    row.kind === "choice" ? ` (${[...row.choices, ...(row.orCount === undefined ? [] : ["N"])].join(", ")})` : "";
  const words = usual === undefined ? (row.default ?? row.fallback) : usual;
  const without = words === undefined ? "" : ` [default: ${shown(words)}]`;
  return `${row.describe}${choices}${row.required ? " [required]" : without}`;
}

function optionHead(name: string, row: OptionRow): string {
  const long = `${dashed(name)}${placeholderOf(row)}`;
  return row.alias === undefined ? (name.length === 1 ? long : `    ${long}`) : `${dashed(row.alias)}, ${long}`;
}

/** Options under the headings of their rows, in the order in which these come. */
function formatOptions({ options, defaults = {} }: HelpPage, columns: number): readonly string[] {
  const groups = new Map<string, (readonly [string, string])[]>();
  for (const [name, row] of Object.entries(options)) {
    const rows = groups.get(row.group ?? "Options") ?? [];
    groups.set(row.group ?? "Options", [...rows, [optionHead(name, row), describe(row, defaults[name])]]);
  }
  return [...groups].map(([title, rows]) => `${title}:\n${formatList(rows, columns)}`);
}

/** The text of `--help`, of the command line and of training scripts alike. */
export function formatHelp(page: HelpPage): string {
  const columns = Math.max(narrowest, Math.min(page.columns ?? 100, widest));
  const { usage, description, lists = {}, examples = [], epilogue } = page;
  const paragraphs = [
    usage,
    wrap(description, columns).join("\n"),
    ...Object.entries(lists).map(([title, rows]) => `${title}:\n${formatList(rows, columns)}`),
    ...formatOptions(page, columns),
    ...(examples.length === 0 ? [] : [`Examples:\n${formatExamples(examples)}`]),
    ...(epilogue === undefined ? [] : epilogue.split("\n\n").map((text) => wrap(text, columns).join("\n"))),
  ];
  return paragraphs.join("\n\n");
}

/** Commands are not wrapped: they are to be copied. */
function formatExamples(examples: readonly (readonly [string, string])[]): string {
  const width = Math.max(...examples.map(([command]) => command.length));
  return examples.map(([command, meaning]) => `  ${command.padEnd(width)}  ${meaning}`).join("\n");
}
