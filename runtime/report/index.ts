export type {
  JsonEpochEvent,
  JsonErrorEvent,
  JsonEvent,
  JsonMeans,
  JsonNoteEvent,
  JsonNumber,
  JsonResultEvent,
} from "./events.js";
export { epochEvent, errorEvent, noteEvent, resultEvent } from "./json.js";
export { progressReporter, type Reporter, type ReporterOptions, type ReportStream } from "./reporter.js";
export { formatStatistics } from "./statistics-table.js";
export { formatSummary, type SummaryOptions } from "./summary.js";
export { type TensorboardOptions, type TensorboardWriter, tensorboardWriter } from "./tensorboard.js";
