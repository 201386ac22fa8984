import type { Dataset } from "../../data/types.js";
import type { WasmMemory, WasmModule } from "../../kernels/web-assembly.js";
import type { TrainingProgram, VariableBuffer } from "../../program/types.js";
import type { GivenAs, Lengths } from "../bind-data.js";
import type { CheckedOptions } from "../options.js";
import type { Effect, Message, WorkerPlan } from "../protocol/types.js";
import type { Sums } from "../scalars.js";
import type { RowWeights } from "./row-weights.js";
import type { MemoryPlan } from "./shared-arrays.js";
import type { UpdateTotals } from "./update-totals.js";

/** What a worker thread is started with. Data and parameters are shared, not copied. */
export interface WorkerSetup {
  readonly rank: number;
  readonly kernels: WasmModule;
  readonly memory: WasmMemory;
  readonly memoryPlan: MemoryPlan;
  /** The words of all workers' engine gates. */
  readonly gates: Int32Array;
  readonly layout: VariableBuffer;
  readonly program: TrainingProgram | undefined;
  /** Operator threads of the engine. */
  readonly threads: number;
  readonly training: Dataset;
  readonly validation: Dataset | undefined;
  readonly validationRows: number;
  /** The named lengths of the training data. */
  readonly lengths: Lengths;
  readonly givenAs: GivenAs;
  /** What each row of the training data weighs in losses where that depends on the data. */
  readonly rowWeights: RowWeights;
  /** The worker's rows of the training data. */
  readonly rows: Int32Array;
  readonly plan: WorkerPlan;
  /** Which copy of the data this is: 0, or the rank where workers have all rows each. Dropout masks differ by it. */
  readonly copy: number;
  readonly options: Pick<
    CheckedOptions,
    "upd" | "agg" | "hyperparams" | "epochs" | "batchsize" | "reshuffle" | "seed" | "engine"
  >;
}

/** What the server asks of a worker. */
export type Order =
  /** With the totals of the update that the push will be part of, where the worker needs them. */
  | (Extract<Effect, { kind: "grant" }> & { readonly totals?: UpdateTotals })
  | Extract<Effect, { kind: "evaluate" }>
  /** Make the `part`-th of `parts` slices of an update. */
  | (Extract<Effect, { kind: "apply" }> & { readonly part: number; readonly parts: number })
  | { readonly kind: "end" };

/** What a worker spends its time with; seconds since it started. */
export const activities = ["pull", "batch", "gradient", "update", "wait", "validation"] as const;
export type Activity = (typeof activities)[number];
export type Seconds = Readonly<Record<Activity, number>>;

/** What a worker tells the server: protocol messages, in order, and figures. */
export interface Report {
  readonly messages: readonly Message[];
  readonly seconds: Seconds;
  /** Rows just learned from, pushed or not. */
  readonly learned?: Sums;
  /** All rows of the push that is among the messages. */
  readonly pushed?: Sums;
  /** The slice of the validation that is among the messages. */
  readonly evaluated?: Sums;
}
