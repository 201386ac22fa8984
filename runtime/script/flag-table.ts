import { availableParallelism } from "node:os";
import { partitionSchemes } from "../data/partition.js";
import { freqs, utypes } from "../paramserv/option-table.js";
import type { ParamservOptions } from "../paramserv/types.js";
import { trainingDefaults } from "./defaults.js";

type OptionOf<Name extends keyof ParamservOptions> = NonNullable<ParamservOptions[Name]>;

/** What a training script uses where its command line says nothing. */
export interface FlagDefaults {
  /** The data file, from the directory that the script is started in. Without it `--data` is required. */
  readonly data?: string;
  /** A file with the labels, where the data file does not hold them. */
  readonly labels?: string;
  readonly epochs?: number;
  readonly batchsize?: number;
  /** Default: the machine's cores. */
  readonly k?: number;
  /** Default "BSP". */
  readonly utype?: OptionOf<"utype">;
  /** Default "BATCH". */
  readonly freq?: OptionOf<"freq">;
  /** Default "DISJOINT_RANDOM". */
  readonly scheme?: OptionOf<"scheme">;
  /** Default 0. */
  readonly seed?: number;
  /** Directory for the trained model. Default "result". */
  readonly out?: string;
}

/** The command line of a training script, decoded. `epochs` and `batchsize` may be left to the solver. */
export interface TrainingFlags {
  readonly data: string;
  readonly labels: string | undefined;
  /** The arrays of inputs and labels by their names; those that are not here have the names of arrays themselves. */
  readonly input: Readonly<Record<string, string>>;
  readonly label: Readonly<Record<string, string>>;
  readonly epochs: number | undefined;
  readonly batchsize: number | undefined;
  readonly k: number;
  readonly utype: OptionOf<"utype">;
  readonly freq: OptionOf<"freq">;
  readonly scheme: OptionOf<"scheme">;
  readonly seed: number;
  readonly out: string;
}

/** What the script itself does with its command line. */
export interface ScriptFlags {
  readonly json: boolean;
  readonly help: boolean;
  readonly stats: boolean;
  readonly logDirectory: string | undefined;
  readonly debug: boolean;
}

/** One flag, as plain data: the help text and the decoder are both read off it. */
export type FlagRow = { readonly describe: string; readonly short?: string } & (
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "pairs"; readonly value: string }
  | { readonly kind: "integer"; readonly min: number }
  | { readonly kind: "choice"; readonly choices: readonly string[] }
  | { readonly kind: "switch" }
);

export const flagTable = {
  data: { kind: "text", value: "FILE", describe: "rows to learn from: .npz, .npy, IDX or CSV, plain or gzipped" },
  labels: { kind: "text", value: "FILE", describe: "their labels, if the data file does not hold them" },
  input: { kind: "pairs", value: "NAME=ARRAY", describe: ".npz: the array of an input, once for each" },
  label: { kind: "pairs", value: "NAME=ARRAY", describe: ".npz: the array of a label, once for each" },
  epochs: { kind: "integer", min: 1, describe: "passes over the data" },
  batchsize: { kind: "integer", min: 1, describe: "rows in a batch of one worker" },
  k: { kind: "integer", min: 1, short: "k", describe: "workers" },
  utype: { kind: "choice", choices: utypes, describe: "how pushes are applied" },
  freq: { kind: "choice", choices: freqs, describe: "how often a worker pushes" },
  scheme: { kind: "choice", choices: partitionSchemes, describe: "how rows are dealt to the workers" },
  seed: { kind: "integer", min: 0, describe: "seeds weights, split, order and dropout" },
  out: { kind: "text", value: "DIR", describe: "where the trained model goes" },
  "log-dir": { kind: "text", value: "DIR", describe: "where TensorBoard's event files go" },
  json: { kind: "switch", describe: "one JSON object a line on stdout" },
  stats: { kind: "switch", describe: "say where the time went" },
  debug: { kind: "switch", describe: "print the stack of an error" },
  help: { kind: "switch", short: "h", describe: "print this" },
} as const satisfies Record<string, FlagRow>;

export type FlagName = keyof typeof flagTable;

/** The rows of the table in the order of the help text. */
export const flagRows = Object.entries(flagTable) as readonly (readonly [FlagName, FlagRow])[];

/** `image=x` and the like as a record; undefined where one is no pair or names something twice. */
export function readPairs(texts: readonly unknown[]): Readonly<Record<string, string>> | undefined {
  const pairs = new Map<string, string>();
  for (const text of texts) {
    const [, name, value] = typeof text === "string" ? (/^([^=]+)=(.+)$/.exec(text) ?? []) : [];
    if (name === undefined || value === undefined || pairs.has(name)) return undefined;
    pairs.set(name, value);
  }
  return Object.fromEntries(pairs);
}

/** What {@link readPairs} takes, for messages. */
export const pairsExpected = (value: string): string => `${value}, each name once`;

/** `-k` or `--epochs`. */
export const dashed = (name: string): string => (name.length === 1 ? `-${name}` : `--${name}`);

/** The defaults of a script over those of every script. */
export function withDefaults(
  defaults: FlagDefaults,
): Required<Omit<FlagDefaults, "data" | "labels" | "epochs" | "batchsize">> & FlagDefaults {
  return {
    k: availableParallelism(),
    utype: trainingDefaults.utype,
    freq: trainingDefaults.freq,
    scheme: trainingDefaults.scheme,
    seed: trainingDefaults.seed,
    out: "result",
    ...defaults,
  };
}
