import type { ByInput } from "../data/by-input.js";

interface OptionBase {
  /** What it means, for help texts and documents: a phrase without a full stop. */
  readonly describe: string;
  /** One letter. */
  readonly alias?: string;
  /** What happens without the option, in words, where {@link OptionRow} has no value to show. */
  readonly default?: string;
  readonly required?: true;
  /** Heading in the help text. Default "Options". */
  readonly group?: string;
  /** An option that may not be given beside this one. The last level that gives one of them decides. */
  readonly excludes?: string;
  /** An option without which this one says nothing. */
  readonly needs?: string;
}

/** A number is at least `min`, at most `max`, above `above` and below `below`. */
export interface NumberLimits {
  readonly min?: number;
  readonly max?: number;
  readonly above?: number;
  readonly below?: number;
}

/** One option, as plain data: help texts, decoders, checks and documents are all read off it. */
export type OptionRow = OptionBase &
  (
    | ({ readonly kind: "integer" | "number" } & NumberLimits)
    /** A text; a file or directory is named from where the option is given, and is followed when it is handed on. */
    | { readonly kind: "text" | "file" | "directory"; readonly placeholder: string }
    /** One of some words; or, where `orCount` says of what, a whole number of at least 1. */
    | { readonly kind: "choice"; readonly choices: readonly string[]; readonly orCount?: string }
    /** Axis lengths with commas. */
    | { readonly kind: "shape" }
    /** A value for the only input, or NAME=VALUE, once for each of several. */
    | { readonly kind: "by-input"; readonly of: "text" | "shape"; readonly placeholder: string }
    | { readonly kind: "flag" }
  );

/** Options by name, as they are typed after the dashes: `learning-rate`. */
export type OptionTable = Readonly<Record<string, OptionRow>>;

type ValueOf<Row extends OptionRow> = Row extends { kind: "integer" | "number" }
  ? number
  : Row extends { kind: "choice"; choices: readonly (infer Choice)[] }
    ? Choice | (Row extends { orCount: string } ? number : never)
    : Row extends { kind: "shape" }
      ? readonly number[]
      : Row extends { kind: "by-input"; of: "shape" }
        ? ByInput<readonly number[]>
        : Row extends { kind: "by-input" }
          ? ByInput<string>
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

type Camel<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<Camel<Rest>>}`
  : Name;

/** The options of a table as code writes them: `{ learningRate: 0.1 }`. */
export type CodeValues<Table extends OptionTable> = {
  readonly [Name in keyof Table as Camel<Name & string>]?: ValueOf<Table[Name]> | undefined;
};

/** `learningRate`: the name of an option in code and configuration files. */
export function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** `-k` or `--epochs`. */
export const dashed = (name: string): string => (name.length === 1 ? `-${name}` : `--${name}`);

/** The rows of a table under their names in code. */
export function inCode<const Table extends OptionTable>(
  table: Table,
): Readonly<Record<keyof CodeValues<Table>, OptionRow>> {
  const rows = Object.entries(table).map(([name, row]) => [camelCase(name), row]);
  return Object.fromEntries(rows) as Readonly<Record<keyof CodeValues<Table>, OptionRow>>;
}

/** Decoded options under their names in code. */
export function codeValues<const Table extends OptionTable>(
  table: Table,
  values: Readonly<Record<string, unknown>>,
): CodeValues<Table> {
  const given = Object.keys(table).filter((name) => values[name] !== undefined);
  return Object.fromEntries(given.map((name) => [camelCase(name), values[name]])) as CodeValues<Table>;
}
