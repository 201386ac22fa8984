import type { Problem } from "../runtime/errors.js";
import { dashed, pairsExpected, readPairs } from "../runtime/script/flag-table.js";
import { suggest } from "./suggest.js";

interface OptionBase {
  readonly describe: string;
  readonly alias?: string;
  /** What happens without the option, for the help text. */
  readonly default?: string;
  readonly required?: true;
  /** Heading in the help text. */
  readonly group?: string;
}

/** One option of a command, as plain data: the help text and the decoder are both read off it. */
export type OptionRow = OptionBase &
  (
    | { readonly kind: "integer" | "number"; readonly min?: number; readonly above?: number; readonly below?: number }
    | { readonly kind: "text"; readonly placeholder: string }
    | { readonly kind: "choice"; readonly choices: readonly string[] }
    | { readonly kind: "shape" }
    /** NAME=VALUE, any number of times. */
    | { readonly kind: "pairs"; readonly placeholder: string }
    | { readonly kind: "flag" }
  );

export type OptionTable = Readonly<Record<string, OptionRow>>;

type ValueOf<Row extends OptionRow> = Row extends { kind: "integer" | "number" }
  ? number
  : Row extends { kind: "choice"; choices: readonly (infer Choice)[] }
    ? Choice
    : Row extends { kind: "shape" }
      ? readonly number[]
      : Row extends { kind: "pairs" }
        ? Readonly<Record<string, string>>
        : Row extends { kind: "flag" }
          ? boolean
          : string;

type RequiredName<Table extends OptionTable> = {
  [Name in keyof Table]: Table[Name] extends { required: true } ? Name : never;
}[keyof Table];

/** The decoded options of a table: what was not given is absent. */
export type OptionValues<Table extends OptionTable> = {
  readonly [Name in RequiredName<Table>]: ValueOf<Table[Name]>;
} & {
  readonly [Name in Exclude<keyof Table, RequiredName<Table>>]?: ValueOf<Table[Name]>;
};

type Decoded = { readonly value: unknown } | { readonly expected: string; readonly hint?: string };

function decodeNumber(row: OptionRow & { readonly kind: "integer" | "number" }, text: string): Decoded {
  const { kind, min, above, below } = row;
  const limits = [
    min === undefined ? "" : ` ≥ ${min}`,
    above === undefined ? "" : ` > ${above}`,
    below === undefined ? "" : ` < ${below}`,
  ].filter((limit) => limit !== "");
  const expected = `${kind === "integer" ? "a whole number" : "a number"}${limits.join(" and")}`;
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  const inRange = value >= (min ?? -Infinity) && value > (above ?? -Infinity) && value < (below ?? Infinity);
  const whole = kind === "number" || Number.isSafeInteger(value);
  return Number.isFinite(value) && inRange && whole ? { value } : { expected };
}

function decodeChoice(choices: readonly string[], text: string): Decoded {
  if (choices.includes(text)) return { value: text };
  const suggestion = suggest(text, choices);
  return {
    expected: choices.length === 1 ? `${choices[0]}` : `one of ${choices.join(", ")}`,
    ...(suggestion === undefined ? {} : { hint: `did you mean ${suggestion}?` }),
  };
}

function decodeShape(text: string): Decoded {
  const shape = text.split(",").map((length) => (/^\d{1,9}$/.test(length) ? Number(length) : 0));
  return shape.every((length) => length > 0)
    ? { value: shape }
    : { expected: "axis lengths ≥ 1 with commas, such as 1,28,28" };
}

function decodeText(row: OptionRow, text: string): Decoded {
  switch (row.kind) {
    case "integer":
    case "number":
      return decodeNumber(row, text.trim());
    case "choice":
      return decodeChoice(row.choices, text);
    case "shape":
      return decodeShape(text);
    case "text":
      return { value: text };
    case "pairs":
    case "flag":
      return { expected: "no value" };
  }
}

/** `--input image=x --input tokens=t`, or one of them. */
function decodePairs(placeholder: string, given: unknown): Decoded {
  const pairs = readPairs([given].flat());
  return pairs === undefined ? { expected: pairsExpected(placeholder) } : { value: pairs };
}

function decodeOption(name: string, row: OptionRow, given: unknown): Decoded {
  if (row.kind === "flag") return typeof given === "boolean" ? { value: given } : { expected: "no value" };
  if (row.kind === "pairs") return decodePairs(row.placeholder, given);
  // Of an option that is given twice the last holds.
  const last: unknown = Array.isArray(given) ? given.at(-1) : given;
  if (typeof last !== "string" || last === "") return { expected: `a value after ${dashed(name)}` };
  return decodeText(row, last);
}

/** What was found, for a message: of an option that may be given several times all of it. */
function quoted({ kind }: OptionRow, found: unknown): string {
  const all: readonly unknown[] = [found].flat();
  const texts = (kind === "pairs" ? all : all.slice(-1)).filter((text) => typeof text === "string" && text !== "");
  return texts.length === 0 ? "no value" : texts.map((text) => JSON.stringify(text)).join(" and ");
}

/**
 * Decodes what the parser found for the options of `table`. Every problem is collected; the values are complete only
 * where there is none.
 */
export function decodeOptions<Table extends OptionTable>(
  table: Table,
  given: Readonly<Record<string, unknown>>,
): { readonly values: OptionValues<Table>; readonly problems: readonly Problem[] } {
  const values: Record<string, unknown> = {};
  const problems: Problem[] = [];
  for (const [name, row] of Object.entries(table)) {
    const found = given[name];
    const at = { path: dashed(name) };
    if (found === undefined) {
      const hint = `${dashed(name)}: ${row.describe}`;
      if (row.required) problems.push({ code: "CLI_OPTION_MISSING", at, message: "required, and not given", hint });
      continue;
    }
    const decoded = decodeOption(name, row, found);
    if ("value" in decoded) {
      values[name] = decoded.value;
    } else {
      const message = `found ${quoted(row, found)}, expected ${decoded.expected}`;
      problems.push({ code: "CLI_OPTION_INVALID", at, message, ...(decoded.hint ? { hint: decoded.hint } : {}) });
    }
  }
  return { values: values as OptionValues<Table>, problems };
}
