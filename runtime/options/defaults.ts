import { type CodeValues, camelCase } from "./row.js";
import type { RunOptionRow } from "./run-row.js";
import { type RunOptions, runOptions } from "./table.js";

type NamesWith<Column extends "builtin" | "fallback"> = {
  [Name in keyof RunOptions]: RunOptions[Name] extends Readonly<Record<Column, unknown>> ? Name : never;
}[keyof RunOptions];

type DefaultsOf<Column extends "builtin" | "fallback"> = {
  readonly [Name in keyof CodeValues<Pick<RunOptions, NamesWith<Column>>>]-?: NonNullable<
    CodeValues<Pick<RunOptions, NamesWith<Column>>>[Name]
  >;
};

function defaultsOf<Column extends "builtin" | "fallback">(column: Column): DefaultsOf<Column> {
  const rows = Object.entries<RunOptionRow>(runOptions).filter(([, row]) => row[column] !== undefined);
  return Object.fromEntries(rows.map(([name, row]) => [camelCase(name), row[column]])) as DefaultsOf<Column>;
}

/** What `paramserv()` does where an option is left out: as Apache SystemDS' builtin does. */
export const builtinDefaults = defaultsOf("builtin");

/**
 * How a network is trained where neither the user nor a model file says: the same for the command line and for generated
 * packages. `paramserv()` itself has {@link builtinDefaults}, which are made for other networks.
 */
export const trainingDefaults = defaultsOf("fallback");
