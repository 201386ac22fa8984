import { partitionSchemes } from "../data/partition.js";
import type { ParamservOptions } from "./types.js";

export type OptionName = keyof ParamservOptions;

interface Choice {
  readonly available: readonly string[];
  /** Values that Apache SystemDS or the field knows by this name and that are not built yet. */
  readonly later: readonly string[];
}

type OptionOf<Name extends OptionName> = NonNullable<ParamservOptions[Name]>;

export const utypes = ["BSP", "ASP"] as const satisfies readonly OptionOf<"utype">[];
export const freqs = ["BATCH", "EPOCH"] as const satisfies readonly OptionOf<"freq">[];
export const aggregations = ["mean", "sum"] as const satisfies readonly OptionOf<"aggregation">[];

/** The options that name one of a few things. */
export const choices: Readonly<Partial<Record<OptionName, Choice>>> = {
  mode: { available: ["LOCAL"], later: ["REMOTE", "REMOTE_SPARK", "FEDERATED"] },
  utype: { available: utypes, later: ["SSP", "SBP", "HOGWILD"] },
  freq: { available: freqs, later: ["NBATCHES"] },
  scheme: {
    available: partitionSchemes,
    later: ["KEEP_DATA_ON_WORKER", "SHUFFLE", "REPLICATE_TO_MAX", "SUBSAMPLE_TO_MIN", "BALANCE_TO_AVG"],
  },
  aggregation: { available: aggregations, later: [] },
};

/** Options that Apache SystemDS' builtin has, or that are planned, and that are not built yet. */
export const laterOptions: readonly string[] = [
  "val",
  "nbatches",
  "modelAvg",
  "num_backup_workers",
  "checkpointing",
  "staleness",
  "prefetch",
  "weighting",
  "runtime_balancing",
  "he",
];
