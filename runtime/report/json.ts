import type { Note, Problem } from "../errors.js";
import type { CurvePoint, EpochRecord, Means, ParamservResult } from "../paramserv/types.js";
import type {
  JsonCurvePoint,
  JsonEpochEvent,
  JsonErrorEvent,
  JsonEvent,
  JsonMeans,
  JsonNoteEvent,
  JsonNumber,
  JsonResultEvent,
} from "./events.js";

/** An event as its line, with the line end. */
export function jsonLine(event: JsonEvent): string {
  return `${JSON.stringify(event)}\n`;
}

const finite = (value: number): JsonNumber => (Number.isFinite(value) ? value : null);

const finiteMeans = (means: Means): JsonMeans =>
  Object.fromEntries(Object.entries(means).map(([name, value]) => [name, finite(value)]));

function figures({ learning_rate, train, validation }: EpochRecord) {
  return {
    ...(learning_rate === undefined ? {} : { learning_rate }),
    train: finiteMeans(train),
    ...(validation === undefined ? {} : { validation: finiteMeans(validation) }),
  };
}

/** One epoch as `--json` prints it. */
export function epochEvent(record: EpochRecord): JsonEpochEvent {
  const { epoch, updates, samples_per_second, seconds } = record;
  const speed = { samples_per_second: finite(samples_per_second), seconds };
  return { event: "epoch", epoch, updates, ...figures(record), ...speed };
}

/** A point of the curves as `curve.jsonl` holds it. */
export function curveLine({ train, ...point }: CurvePoint): JsonCurvePoint {
  return { ...point, train: finiteMeans(train) };
}

/** Which weights a stopped run kept, with the figures of their own validation. */
function keptWeights({ status, run }: ParamservResult): Pick<JsonResultEvent, "kept"> {
  if (status !== "aborted") return {};
  const { validation, ...kept } = run.kept;
  return { kept: { ...kept, ...(validation === undefined ? {} : { validation: finiteMeans(validation) }) } };
}

/** The end of a run as `--json` prints it: the last epoch's figures, the whole run's rate and time, and the files. */
export function resultEvent(result: ParamservResult, files: readonly string[]): JsonResultEvent {
  const { status, epochs, statistics } = result;
  const { updates, samples_per_second, seconds } = statistics;
  const last = epochs.at(-1);
  return {
    event: "result",
    status,
    epochs: last?.epoch ?? 0,
    updates,
    ...(last === undefined ? {} : figures(last)),
    ...keptWeights(result),
    samples_per_second: finite(samples_per_second),
    seconds,
    statistics,
    files,
  };
}

/** What a person is told, as `--json` prints it: a text, or a note on a file. */
export function noteEvent(note: string | Note): JsonNoteEvent {
  return { event: "note", ...(typeof note === "string" ? { message: note } : note) };
}

/** A failure as `--json` prints it. */
export function errorEvent(problems: readonly Problem[], exit: JsonErrorEvent["exit"]): JsonErrorEvent {
  return { event: "error", problems, exit };
}
