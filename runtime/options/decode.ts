import type { Problem } from "../errors.js";
import { type Checked, checkValue } from "./check.js";
import { dashed, type OptionRow, type OptionTable, type OptionValues } from "./row.js";

/** What a text says, undefined where it says nothing that the kind of option has. */
function parseText(row: OptionRow, text: string): unknown {
  switch (row.kind) {
    case "integer":
    case "number":
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : undefined;
    case "shape":
      return parseShape(text);
    case "choice":
      return row.orCount !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : text;
    case "text":
    case "file":
    case "directory":
      return text;
    case "by-input":
    case "flag":
      return undefined;
  }
}

function parseShape(text: string): unknown {
  return text.split(",").map((length) => (/^\d{1,9}$/.test(length) ? Number(length) : 0));
}

/** `--input image=x --input tokens=t` as a record, `--input x` as what it is; undefined where it is neither. */
function parseByInput(of: "text" | "shape", texts: readonly unknown[]): unknown {
  const parse = (text: string): unknown => (of === "shape" ? parseShape(text) : text);
  const [only] = texts;
  if (texts.length === 1 && typeof only === "string" && !only.includes("=")) return parse(only);
  const pairs = new Map<string, unknown>();
  for (const text of texts) {
    const [, name, value] = typeof text === "string" ? (/^([^=]+)=(.+)$/.exec(text) ?? []) : [];
    if (name === undefined || value === undefined || pairs.has(name)) return undefined;
    pairs.set(name, parse(value));
  }
  return Object.fromEntries(pairs);
}

function decodeOption(name: string, row: OptionRow, given: unknown): Checked {
  if (row.kind === "flag") return checkValue(row, given, "text");
  if (row.kind === "by-input") return checkValue(row, parseByInput(row.of, [given].flat()), "text");
  // Of an option that is given twice the last holds.
  const last: unknown = Array.isArray(given) ? given.at(-1) : given;
  if (typeof last !== "string" || last === "") return { expected: `a value after ${dashed(name)}` };
  return checkValue(row, parseText(row, last), "text", last);
}

/** What was found, for a message: of an option that may be given several times all of it. */
function quoted({ kind }: OptionRow, found: unknown): string {
  const all: readonly unknown[] = [found].flat();
  const texts = (kind === "by-input" ? all : all.slice(-1)).filter((text) => typeof text === "string" && text !== "");
  return texts.length === 0 ? "no value" : texts.map((text) => JSON.stringify(text)).join(" and ");
}

interface Decoded<Table extends OptionTable> {
  readonly values: OptionValues<Table>;
  readonly problems: readonly Problem[];
}

/** Decodes each option that a parser found on a command line, by itself. */
export function decodeEach<Table extends OptionTable>(
  table: Table,
  given: Readonly<Record<string, unknown>>,
): Decoded<Table> {
  const values: Record<string, unknown> = {};
  const problems: Problem[] = [];
  for (const [name, row] of Object.entries(table)) {
    const found = given[name];
    if (found === undefined) continue;
    const decoded = decodeOption(name, row, found);
    if ("value" in decoded) {
      values[name] = decoded.value;
    } else {
      const message = `found ${quoted(row, found)}, expected ${decoded.expected}`;
      const hint = decoded.hint === undefined ? {} : { hint: decoded.hint };
      problems.push({ code: "CLI_OPTION_INVALID", at: { path: dashed(name) }, message, ...hint });
    }
  }
  return { values: values as OptionValues<Table>, problems };
}

/**
 * Decodes what a parser found on a command line for the options of `table`. Every problem is collected; the values are
 * complete only where there is none.
 */
export function decodeOptions<Table extends OptionTable>(
  table: Table,
  given: Readonly<Record<string, unknown>>,
): Decoded<Table> {
  const { values, problems } = decodeEach(table, given);
  return { values, problems: [...problems, ...joinProblems(table, given)] };
}

/** What is missing, and options that do not go together. */
export function joinProblems(table: OptionTable, given: Readonly<Record<string, unknown>>): readonly Problem[] {
  return Object.entries(table).flatMap(([name, { required, excludes, needs, describe }]): readonly Problem[] => {
    const at = { path: dashed(name) };
    if (given[name] === undefined) {
      const hint = `${dashed(name)}: ${describe}`;
      return required ? [{ code: "CLI_OPTION_MISSING", at, message: "required, and not given", hint }] : [];
    }
    if (excludes !== undefined && given[excludes] !== undefined) {
      return [{ code: "CLI_OPTION_INVALID", at, message: `given beside ${dashed(excludes)}, expected one of them` }];
    }
    if (needs === undefined || given[needs] !== undefined) return [];
    const message = `required beside ${dashed(name)}, and not given`;
    return [{ code: "CLI_OPTION_MISSING", at: { path: dashed(needs) }, message }];
  });
}

/** Values of a level over those of one below it; what excludes a given one below is gone. */
export function overlay<Values extends object>(table: OptionTable, below: Values, above: Values): Values {
  const given = Object.entries(above).filter(([, value]) => value !== undefined);
  const gone = given.flatMap(([name]) => [
    table[name]?.excludes ?? [],
    ...Object.entries(table).flatMap(([other, { excludes }]) => (excludes === name ? [other] : [])),
  ]);
  const kept = Object.entries(below).filter(([name]) => !gone.flat().includes(name));
  return { ...Object.fromEntries(kept), ...Object.fromEntries(given) } as Values;
}
