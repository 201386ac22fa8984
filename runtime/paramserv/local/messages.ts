import type { MessagePort } from "node:worker_threads";
import type { Dataset } from "../../data/types.js";
import type { WasmModule } from "../../kernels/web-assembly.js";
import type { TrainingProgram, VariableBuffer } from "../../program/types.js";
import type { Assignment } from "../assign.js";
import type { GivenAs, Lengths } from "../bind-data.js";
import type { Figures } from "../figures.js";
import type { CheckedOptions } from "../options.js";
import type { Actor, Effect, WorkerMessage } from "../protocol/types.js";
import type { Sums } from "../scalars.js";
import type { SharedModel } from "../shards/memory.js";
import type { UpdateOrder } from "../shards/updating.js";
import type { RowWeights } from "../worker/row-weights.js";
import type { UpdateTotals } from "../worker/update-totals.js";
import type { SignalWords } from "./signal-channel.js";

/** What a worker thread is started with. Data and parameters are shared, not copied. */
export interface WorkerSetup {
  readonly actor: Actor;
  readonly kernels: WasmModule;
  readonly model: SharedModel;
  /** The words of all workers' engine gates. */
  readonly gates: Int32Array;
  /** The words of the journal of updates. */
  readonly journal: Int32Array;
  /** Sums of the optimizer's reductions. */
  readonly partials: Float64Array;
  /** Updates made, where workers make them alone: one word. */
  readonly updates: Int32Array;
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
  /** By slot. */
  readonly assignments: readonly Assignment[];
  readonly options: Pick<
    CheckedOptions,
    | "upd"
    | "agg"
    | "val"
    | "hyperparams"
    | "utype"
    | "batchsize"
    | "reshuffle"
    | "seed"
    | "engine"
    | "modelAvg"
    | "nonfinite"
    | "epochs"
    | "prefetch"
  >;
  /** How it hears and speaks: by words in shared memory, or, where user functions run, by messages on the port alone. */
  readonly signals: SignalWords | undefined;
  /** A private port: user functions cannot reach it. */
  readonly port: MessagePort;
}

/** What the server asks of a worker. */
export type Order =
  | {
      readonly kind: "grant";
      readonly slot: number;
      readonly clock: number;
      readonly version: number;
      readonly iteration: number;
      /** Of the update that the push will be part of, where the worker needs them. */
      readonly totals?: UpdateTotals | undefined;
    }
  | ({ readonly kind: "apply" } & UpdateOrder)
  /** Copy a part of the weights. */
  | { readonly kind: "copy"; readonly version: number; readonly part: number; readonly parts: number }
  | Omit<Extract<Effect<Figures>, { kind: "evaluate" }>, "to">
  | { readonly kind: "end" };

/** What a worker tells the server. */
export type Report =
  | { readonly kind: "message"; readonly message: WorkerMessage<Figures> }
  /** Rows just learned from, of a push that has several batches: a sign of progress. */
  | { readonly kind: "learned"; readonly from: Actor; readonly sums: Sums };

/** What a worker says, without who it is. */
export type Said =
  WorkerMessage<Figures> extends infer One
    ? One extends WorkerMessage<Figures>
      ? Omit<One, "from" | "seq">
      : never
    : never;

/** A worker's end of its channel. */
export interface WorkerEnd {
  /** Does what is ordered, one order at a time, until the order to end. */
  serve(work: (order: Exclude<Order, { kind: "end" }>) => Promise<void>): Promise<void>;
  send(report: Report): void;
  close(): void;
}
