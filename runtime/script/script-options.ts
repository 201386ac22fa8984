import { availableParallelism } from "node:os";
import { commonRows } from "../options/common-options.js";
import { builtinDefaults } from "../options/defaults.js";
import { type CodeValues, camelCase } from "../options/row.js";
import { type OptionsIn, optionsIn, type RunOptions, runOptions } from "../options/table.js";

/** What a training script takes on its command line. */
export const scriptOptions = { ...optionsIn(runOptions, "package"), ...commonRows };

type Flags = CodeValues<OptionsIn<RunOptions, "package">>;

/**
 * What a training script uses where its command line says nothing: any of its options. What is not here is as
 * `paramserv()` has it; without `data`, `--data` is required.
 */
export type FlagDefaults = Flags;

/** The command line of a training script over its defaults, decoded: docs/options.md says what each of them means. */
export type TrainingFlags = Flags & {
  readonly data: string;
  /** Default: the machine's cores. */
  readonly k: number;
  /** Default 0. */
  readonly seed: number;
  /** Default "result". */
  readonly out: string;
};

/** Those of the flags that `paramserv()` takes under the same name, but for the length of the training. */
export type ServerFlags = Omit<CodeValues<OptionsIn<RunOptions, "paramserv">>, "epochs" | "batchsize">;

/** Options that a script has; the rows of a batch are those of all workers together where nobody says. */
const scriptNames = Object.keys(scriptOptions)
  .map(camelCase)
  .filter((name) => name !== "batchsize");

/** The defaults of a script over those of every script. */
export function withDefaults(given: FlagDefaults): FlagDefaults {
  const builtin = Object.fromEntries(Object.entries(builtinDefaults).filter(([name]) => scriptNames.includes(name)));
  return { ...builtin, k: availableParallelism(), out: "result", ...given };
}

const serverNames = Object.keys(optionsIn(runOptions, "paramserv")).map(camelCase);

/** Picks what {@link ServerFlags} says. */
export function serverFlags(flags: Readonly<Record<string, unknown>> | TrainingFlags): ServerFlags {
  const taken = serverNames.filter((name) => name !== "epochs" && name !== "batchsize");
  return Object.fromEntries(Object.entries(flags).filter(([name]) => taken.includes(name)));
}
