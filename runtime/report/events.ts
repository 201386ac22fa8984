import type { Note, Problem } from "../errors.js";
import type { Statistics } from "../paramserv/statistics/types.js";
import type { KeptWeights, ParamservResult, StartEvent } from "../paramserv/types.js";

/** What `--json` prints, one object a line. A schema is printed from these types: `docs/events.schema.json`. */
export type JsonEvent = StartEvent | JsonEpochEvent | JsonResultEvent | JsonNoteEvent | JsonErrorEvent;

/** JSON has neither NaN nor infinity: such a number is null, so that a loss that ran away is told from a missing one. */
export type JsonNumber = number | null;

/**
 * Means over rows, by name: `loss` is the total, Σ weight · mean over the network's losses; then metrics by their name, and
 * each loss of a network that has several.
 */
export type JsonMeans = Readonly<Record<string, JsonNumber>>;

/** The figures of an epoch. */
interface JsonFigures {
  /** Of the epoch's last update. Absent where `agg` is a user function. */
  readonly learning_rate?: number;
  /** Over the rows learned from. */
  readonly train: JsonMeans;
  /** Over the validation rows, with the weights at the epoch's end. Absent where there are no such rows. */
  readonly validation?: JsonMeans;
}

/** An epoch has ended, and its validation. */
export interface JsonEpochEvent extends JsonFigures {
  readonly event: "epoch";
  /** From 1. */
  readonly epoch: number;
  /** Updates made so far. */
  readonly updates: number;
  readonly samples_per_second: JsonNumber;
  readonly seconds: number;
}

/** A point of the curves of a run, as `curve.jsonl` of a result holds them: means over the rows of a few updates in a row. */
export interface JsonCurvePoint {
  /** Updates made when the last of them was. */
  readonly updates: number;
  /** Of the last of them. Absent where `agg` is a user function. */
  readonly learning_rate?: number;
  readonly train: JsonMeans;
}

/** The run has ended; the last line, unless it failed. */
export interface JsonResultEvent extends Partial<JsonFigures> {
  readonly event: "result";
  /** "aborted": stopped early; the files hold the weights of the last update. */
  readonly status: ParamservResult["status"];
  /** Whole epochs; the figures are those of the last one. */
  readonly epochs: number;
  /** Updates made. */
  readonly updates: number;
  /** Of a run that was stopped: which weights it kept, and what the validation says of just these. */
  readonly kept?: Omit<KeptWeights, "validation"> & { readonly validation?: JsonMeans };
  /** Of the whole run. */
  readonly samples_per_second: JsonNumber;
  readonly seconds: number;
  /** Where the time of the workers went, and what was made of their work. */
  readonly statistics: Statistics;
  /** What was written. */
  readonly files: readonly string[];
}

/** What a person is told, too: a decision that was taken without being asked, or something of a file that has no effect. */
export interface JsonNoteEvent extends Note {
  readonly event: "note";
}

/** Something failed; the last line. */
export interface JsonErrorEvent {
  readonly event: "error";
  /** All that was found at once. */
  readonly problems: readonly Problem[];
  /** The exit status of the process: 2 the user's input, 3 the run failed, 70 a defect. */
  readonly exit: 2 | 3 | 70;
}
