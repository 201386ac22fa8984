import { parseArgs } from "node:util";
import { type Problem, UsageError } from "../errors.js";
import { decodeEach, joinProblems, overlay } from "../options/decode.js";
import { formatHelp } from "../options/help.js";
import { codeValues, dashed, type OptionRow } from "../options/row.js";
import { suggest } from "../options/suggest.js";
import { decodeValues } from "../options/values.js";
import { readLaunch } from "./launch.js";
import { checkpointPlaces } from "./resumable.js";
import {
  type FlagDefaults,
  type ServerFlags,
  scriptOptions,
  serverFlags,
  type TrainingFlags,
  withDefaults,
} from "./script-options.js";

/** What the script itself does with its command line. */
export interface ScriptFlags {
  readonly json: boolean;
  readonly stats: boolean;
  /** Where TensorBoard's event files go. */
  readonly logDirectory: string | undefined;
}

/** A command line, decoded. */
export type Parsed =
  | { readonly kind: "help" }
  | {
      readonly kind: "run";
      readonly flags: TrainingFlags;
      readonly options: ServerFlags;
      readonly script: ScriptFlags;
    };

const rows = Object.entries<OptionRow>(scriptOptions);

/** What `node:util` is to make of the command line; values are decoded by the table. */
const parserOptions = Object.fromEntries(
  rows.map(([name, { kind, alias }]) => {
    const short = name.length === 1 ? name : alias;
    const type = kind === "flag" ? ("boolean" as const) : ("string" as const);
    return [name, { type, multiple: kind === "by-input", ...(short === undefined ? {} : { short }) }];
  }),
);

function unknownFlag(name: string): Problem {
  const near = suggest(name, Object.keys(scriptOptions));
  const hint = near === undefined ? "--help lists the options" : `did you mean ${dashed(near)}?`;
  return { code: "CLI_OPTION_UNKNOWN", at: { path: dashed(name) }, message: "there is no such option", hint };
}

function unexpected(path: string): Problem {
  const message = "the script takes options only, found an argument";
  return { code: "CLI_ARGUMENT_INVALID", at: { path }, message };
}

/** What the script's author wrote, under the names of the table. */
function decodeDefaults(defaults: FlagDefaults) {
  return decodeValues(scriptOptions, defaults, (name) => ({ path: `defaults.${name}` }));
}

/** Decodes a command line; throws one UsageError with every problem in it and in the script's defaults. */
export function parseFlags(args: readonly string[], given: FlagDefaults): Parsed {
  const options = { args: [...args], options: parserOptions, strict: false, allowPositionals: true } as const;
  const parsed = parseArgs({ ...options, allowNegative: true });
  const known = Object.entries(parsed.values).filter(([name]) => Object.hasOwn(scriptOptions, name));
  const unknown = Object.keys(parsed.values).filter((name) => !Object.hasOwn(scriptOptions, name));
  const { values, problems } = decodeEach(scriptOptions, Object.fromEntries(known));
  const defaults = decodeDefaults(withDefaults(given));
  const { resume, help } = values;
  const started =
    resume === undefined || help === true ? undefined : readLaunch(resume, { target: process.cwd(), options: values });
  const all = overlay(
    scriptOptions,
    overlay(scriptOptions, defaults.values, (started?.options ?? {}) as typeof defaults.values),
    values,
  );
  const found = [...parsed.positionals.map(unexpected), ...unknown.map(unknownFlag), ...defaults.problems, ...problems];
  if (found.length === 0 && all.help === true) return { kind: "help" };
  found.push(...joinProblems(scriptOptions, all));
  if (all.data === undefined && values.data === undefined && parsed.values.data === undefined) {
    const message = "required, and not given";
    found.push({ code: "CLI_OPTION_MISSING", at: { path: "--data" }, message, hint: "npm start -- --data FILE" });
  }
  if (found.length > 0) throw new UsageError(found);
  const { json = false, stats = false, "log-dir": logDirectory, help: _help, debug: _debug, ...rest } = all;
  // Data were checked above, and the other required ones have defaults.
  const decoded = codeValues(scriptOptions, rest) as TrainingFlags;
  // The directory of a run that goes on is its own: what is there may be replaced.
  const flags = started === undefined ? decoded : { ...decoded, out: started.directory, force: true };
  const forServer = { ...serverFlags(flags), ...checkpointPlaces(flags.out, flags) };
  return { kind: "run", flags, options: forServer, script: { json, stats, logDirectory } };
}

/** The text of `--help`. */
export function helpText(description: string, given: FlagDefaults): string {
  return formatHelp({
    usage: "npm start -- [options]",
    description,
    options: scriptOptions,
    defaults: decodeDefaults(withDefaults(given)).values,
    columns: process.stdout.columns,
  });
}
