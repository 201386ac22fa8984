import type { Preparation } from "../data/preparation.js";
import type { ClassNames, DataOrigin } from "../data/types.js";
import type { KeptWeights, ParamservResult, ResolvedOptions } from "../paramserv/types.js";
import type { EvaluationProgram } from "../program/evaluation.js";

/** The version of {@link ResultRecord}. */
export const resultFormat = 1;

/** The files of a result folder. */
export const resultFiles = {
  /** Rows as the data file had them in, the network's outputs out; for any ONNX runtime. */
  onnx: "model.onnx",
  /** Every variable by name. */
  safetensors: "model.safetensors",
  /** Prepared rows, labels and variables in; sums and weights of losses and metrics out, and the classes told. */
  evaluation: "evaluation.onnx",
  /** Prepared rows and variables in, the network's outputs out. */
  inference: "inference.onnx",
  /** A line an epoch, as `--json` prints it. */
  history: "history.jsonl",
  /** A line a point of the run's curves, losses and metrics by update: at most 2,000. */
  curve: "curve.jsonl",
  /** Where the time of each worker went, and what came of it: the run's `statistics`. */
  statistics: "statistics.json",
  /** The layers as a drawing. */
  picture: "network.svg",
  /** The run as a page for a browser. Made of the other files, so it may be made again, or removed. */
  report: "report.html",
  /** {@link SplitRecord} */
  split: "split.json",
  /** {@link ResultRecord}; the last to be written. */
  run: "run.json",
} as const;

export type ResultFile = keyof typeof resultFiles;

/** What a result may lack: one of an older version, or one that was saved without a report. */
export const optionalFiles = ["curve", "statistics", "picture", "report"] as const satisfies readonly ResultFile[];

/** `split.json`: which rows were held out; all others of the file were learned from. */
export interface SplitRecord {
  /** Where the rows are from that were learned from. Absent where the data did not come from a file. */
  readonly training?: Omit<DataOrigin, "taken">;
  /** In the order in which they were validated. Absent without validation, and where its data did not come from a file. */
  readonly validation?: Rows;
}

/** Rows of a file. */
export interface Rows extends Omit<DataOrigin, "taken"> {
  /** Their numbers, from 0. Absent: all. */
  readonly taken?: readonly number[];
}

/** A graph of an evaluation without its bytes, which are a file of their own. */
type Described<Graph> = Omit<Graph, "bytes">;

/** `run.json`: what the run was, and how the other files are to be used. */
export interface ResultRecord {
  readonly format: typeof resultFormat;
  /** The version that wrote it. */
  readonly paramserv: string;
  readonly network: string;
  /** The model files that the network came from, as far as its layers know. */
  readonly sources: readonly string[];
  readonly status: ParamservResult["status"];
  /** Epochs that were completed. */
  readonly epochs: number;
  readonly kept: KeptWeights;
  readonly options: ResolvedOptions;
  /** sha-256 of the training program's graphs. */
  readonly program?: string;
  readonly preparation: Preparation;
  readonly classNames: ClassNames;
  readonly evaluation: Pick<EvaluationProgram, "target" | "feeds" | "scalars"> & {
    readonly evaluate: Described<EvaluationProgram["evaluate"]>;
    readonly infer: Described<EvaluationProgram["infer"]>;
  };
  /** The sha-256 of each other file. */
  readonly files: Readonly<Record<string, string>>;
}
