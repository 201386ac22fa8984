import { parseArgs } from "node:util";
import { ModelFileError, type Problem } from "../errors.js";
import {
  dashed,
  type FlagDefaults,
  type FlagName,
  type FlagRow,
  flagRows,
  flagTable,
  pairsExpected,
  readPairs,
  type ScriptFlags,
  type TrainingFlags,
  withDefaults,
} from "./flag-table.js";

function expectation(row: FlagRow): string {
  switch (row.kind) {
    case "text":
      return row.value;
    case "pairs":
      return pairsExpected(row.value);
    case "integer":
      return `a whole number ≥ ${row.min}`;
    case "choice":
      return `one of ${row.choices.join(", ")}`;
    case "switch":
      return "no value";
  }
}

type Decoded = string | number | boolean | Readonly<Record<string, string>>;

function decode(row: FlagRow, given: unknown): Decoded | undefined {
  if (row.kind === "pairs") return readPairs([given].flat());
  if (row.kind === "switch") return typeof given === "boolean" ? given : undefined;
  if (typeof given !== "string" || given === "") return undefined;
  if (row.kind === "text") return given;
  if (row.kind === "choice") return row.choices.includes(given) ? given : undefined;
  const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
  return value >= row.min ? value : undefined;
}

function unknownFlag(path: string): Problem {
  const message = "there is no such option";
  return { code: "CLI_OPTION_UNKNOWN", at: { path }, message, hint: "--help lists the options" };
}

function unexpected(path: string): Problem {
  const message = "the script takes options only, found an argument";
  return { code: "CLI_ARGUMENT_INVALID", at: { path }, message };
}

function invalid(name: FlagName, given: unknown): Problem {
  const values = [given].flat().filter((value) => value !== true);
  const found = values.length === 0 ? "no value" : values.map((value) => JSON.stringify(value)).join(" and ");
  const message = `found ${found}, expected ${expectation(flagTable[name])}`;
  return { code: "CLI_OPTION_INVALID", at: { path: dashed(name) }, message };
}

const isFlagName = (name: string): name is FlagName => Object.hasOwn(flagTable, name);

/** What `node:util` is to make of the command line; values are decoded here. */
const parserOptions = Object.fromEntries(
  flagRows.map(([name, { kind, short }]) => {
    const type = kind === "switch" ? ("boolean" as const) : ("string" as const);
    return [name, { type, multiple: kind === "pairs", ...(short === undefined ? {} : { short }) }];
  }),
);

/** Reads the command line; every problem is noted. */
function readFlags(args: readonly string[]) {
  const parsed = parseArgs({ args: [...args], options: parserOptions, strict: false, allowPositionals: true });
  const problems = parsed.positionals.map(unexpected);
  const values: Partial<Record<FlagName, Decoded>> = {};
  for (const [name, given] of Object.entries(parsed.values)) {
    if (!isFlagName(name)) {
      problems.push(unknownFlag(dashed(name)));
      continue;
    }
    const value = decode(flagTable[name], given);
    if (value === undefined) problems.push(invalid(name, given));
    else values[name] = value;
  }
  return { values, problems };
}

/** Decodes a command line; throws one ModelFileError with every problem in it. */
export function parseFlags(
  args: readonly string[],
  given: FlagDefaults,
): { readonly flags: TrainingFlags; readonly script: ScriptFlags } {
  const { values, problems } = readFlags(args);
  const switches = { json: false, help: false, stats: false, debug: false };
  // Each value was decoded by the row of its name, or came with the type of its default.
  const all = {
    ...switches,
    labels: undefined,
    input: {},
    label: {},
    epochs: undefined,
    batchsize: undefined,
    ...withDefaults(given),
    ...values,
  } as Omit<ScriptFlags, "logDirectory"> & TrainingFlags & { readonly "log-dir"?: string };
  if (all.data === undefined && all.help !== true) {
    const message = "required, and not given";
    problems.push({ code: "CLI_OPTION_MISSING", at: { path: "--data" }, message, hint: "npm start -- --data FILE" });
  }
  if (problems.length > 0) throw new ModelFileError(problems);
  const { json, help, stats, debug, "log-dir": logDirectory, ...flags } = all;
  return { flags, script: { json, help, stats, debug, logDirectory } };
}
