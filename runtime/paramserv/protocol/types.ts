import type { ErrorCode, Problem } from "../../errors.js";
import type { AggregationName } from "./aggregations.js";
import type { StrategyName } from "./strategies.js";

/**
 * Rank of work in the sums: 0 … k − 1. A slot is not a worker: it is held by one, for now. Pushes are summed by slot, so
 * results depend neither on who comes first nor on who computed.
 */
export type SlotId = number;

/** Who works. One that comes back has the next incarnation; what an earlier one still says is refused. */
export interface Actor {
  readonly worker: number;
  readonly incarnation: number;
}

/** What a slot does in each epoch: its rows in batches, a push after every so many rows; the last of both may be smaller. */
export interface SlotPlan {
  readonly rows: number;
  readonly batchsize: number;
  /** `batchsize` to push every batch, `nbatches · batchsize`, or `rows` to push once an epoch. */
  readonly rowsPerPush: number;
}

/** Milliseconds; null waits for ever. */
export interface Deadlines {
  /** For the workers to come, at the start and where none is left; for a replacement after a loss. */
  readonly join: number | null;
  /** For a pull with its computation, a part of an update, of a capture or of a validation. */
  readonly work: number | null;
  /** For a sign of life of a worker: any message. */
  readonly silence: number | null;
}

export interface ProtocolConfig {
  readonly strategy: StrategyName;
  readonly aggregation: AggregationName;
  readonly epochs: number;
  /** One a slot; each has at least one row. */
  readonly plans: readonly SlotPlan[];
  /** SSP: a slot reads for its round r when every push of a round before r − staleness is committed. */
  readonly staleness: number;
  /** SBP: an update is made when all but so many pushes of its round are in; the rest is dropped. */
  readonly backups: number;
  /** Whether each epoch ends with a validation. */
  readonly validate: boolean;
  /** When what is captured is also saved as a checkpoint: after every so many epochs, or updates. */
  readonly checkpoint?: { readonly every: number; readonly unit: "epoch" | "update" } | undefined;
  /** Whether workers that wait may share an update in parts, or one worker makes it. */
  readonly splitUpdates: boolean;
  /** Phases of an update: 1, and one more for each reduction over the whole model before it. All parts of a phase end before the next begins. */
  readonly phases: number;
  readonly deadlines: Deadlines;
  /** A piece of work is lost so many times before the run fails with the cause. */
  readonly attempts: number;
}

/** Of a worker: whose message it is, and the number of the message, from 1 without gaps in each incarnation. */
interface Sent {
  readonly from: Actor;
  readonly seq: number;
}

/** What a worker says. `Figures` are what its host wants to hear with it (sums of losses, times); the protocol hands them on. */
export type WorkerMessage<Figures> = Sent &
  (
    | { readonly kind: "join" }
    /** The granted weights have been read. */
    | { readonly kind: "pulled"; readonly slot: SlotId; readonly clock: number }
    /** The slot's gradients lie ready. They are its until the server has applied or dropped them. */
    | {
        readonly kind: "push";
        readonly slot: SlotId;
        readonly clock: number;
        readonly rows: number;
        readonly figures: Figures;
      }
    /** A part of a phase of an update is made. */
    | { readonly kind: "applied"; readonly version: number; readonly phase: number; readonly part: number }
    /** A part of the weights is copied. */
    | { readonly kind: "copied"; readonly version: number; readonly part: number }
    | { readonly kind: "evaluated"; readonly epoch: number; readonly part: number; readonly figures: Figures }
    /** A sign of life. */
    | { readonly kind: "beat" }
    /** The worker goes. What it holds is leased to others. */
    | { readonly kind: "leave" }
    /** The worker met an error that another would meet too: the run fails. */
    | { readonly kind: "fail"; readonly problems: readonly Problem[] }
  );

/** What the host says. */
export type HostMessage =
  /** A worker is gone without a word: its thread ended, its connection broke. */
  | { readonly kind: "lost"; readonly worker: Actor; readonly problems: readonly Problem[] }
  /** No replacement will come for so many lost workers: their slots are shared among those that are there. */
  | { readonly kind: "unreplaced" }
  /** The captured weights are saved: their copy may be overwritten as soon as it is validated too. */
  | { readonly kind: "saved"; readonly version: number }
  /** End early, with the last applied update. */
  | { readonly kind: "stop" }
  /** Time, in milliseconds from any origin; never goes back. */
  | { readonly kind: "tick"; readonly now: number };

export type Message<Figures> = WorkerMessage<Figures> | HostMessage;

/** A push of an update. */
export interface Contribution<Figures> {
  readonly slot: SlotId;
  readonly clock: number;
  readonly worker: number;
  readonly rows: number;
  readonly batches: number;
  readonly weight: number;
  /** Updates between the push's pull and this update. */
  readonly staleness: number;
  readonly figures: Figures;
}

/** One update of the weights: weights ← optimizer(weights, Σ weight · gradients), contributions in order of slot. */
export interface Update<Figures> {
  /** Updates before this one. */
  readonly version: number;
  /** Batches before this update on the longest path; what learning-rate schedules count. */
  readonly iteration: number;
  readonly contributions: readonly Contribution<Figures>[];
  /** Into how many parts each of its phases is divided. */
  readonly parts: number;
}

/** What the server then does. */
export type Effect<Figures> =
  /** Answers to a worker's message. A duplicate has the answer of the first. */
  | { readonly kind: "accepted"; readonly to: Actor; readonly seq: number }
  | { readonly kind: "duplicate"; readonly to: Actor; readonly seq: number; readonly first?: ErrorCode | undefined }
  | {
      readonly kind: "refused";
      readonly to: Actor;
      readonly seq: number;
      readonly code: ErrorCode;
      readonly message: string;
    }
  /** The worker holds the slot from now on: it will be granted its items in order, from this clock. */
  | { readonly kind: "lease"; readonly to: Actor; readonly slot: SlotId; readonly clock: number }
  /** The worker may read the weights for the slot's item now and compute it. Where reads exclude updates, none is made until it has said `pulled`. */
  | {
      readonly kind: "grant";
      readonly to: Actor;
      readonly slot: SlotId;
      readonly clock: number;
      readonly version: number;
      readonly iteration: number;
    }
  /** The worker makes a part of a phase of an update and says `applied`. May be ordered again of another: parts are redoable. */
  | {
      readonly kind: "apply";
      readonly to: Actor;
      readonly update: Update<Figures>;
      readonly phase: number;
      readonly part: number;
    }
  /** The worker copies a part of the weights (for a validation or a checkpoint) and says `copied`; no update is made meanwhile. */
  | {
      readonly kind: "copy";
      readonly to: Actor;
      readonly version: number;
      readonly part: number;
      readonly parts: number;
    }
  /** The worker evaluates the `part`-th of `parts` slices of the validation rows on the copy. */
  | {
      readonly kind: "evaluate";
      readonly to: Actor;
      readonly epoch: number;
      readonly part: number;
      readonly parts: number;
    }
  /** An update is complete. */
  | { readonly kind: "updated"; readonly update: Update<Figures> }
  /** An item of SBP counts no more: its round was complete without it. Told when that is decided, whether or not it was under way. */
  | { readonly kind: "dropped"; readonly slot: SlotId; readonly clock: number; readonly rows: number }
  /** All items of an epoch are committed or dropped. Epochs count from 1. */
  | { readonly kind: "epochEnd"; readonly epoch: number; readonly validating: boolean }
  /**
   * A copy of the weights begins: the moment to note what belongs to this version. `save`: the host saves it when it is
   * captured, and says `saved`.
   */
  | { readonly kind: "capture"; readonly version: number; readonly epoch: number; readonly save: boolean }
  | { readonly kind: "captured"; readonly version: number; readonly epoch: number; readonly save: boolean }
  | { readonly kind: "validated"; readonly epoch: number; readonly figures: readonly Figures[] }
  /** The worker's lease has ended (lost, silent, or late): the host may start another in its place, which joins with the next incarnation. */
  | { readonly kind: "replace"; readonly worker: Actor; readonly problems: readonly Problem[] }
  | { readonly kind: "finish"; readonly status: "completed" | "aborted" }
  /** The run is lost; every worker is to stop. */
  | { readonly kind: "fail"; readonly problems: readonly Problem[]; readonly worker?: Actor | undefined };
