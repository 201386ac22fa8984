export type {
  JsonCurvePoint,
  JsonEpochEvent,
  JsonErrorEvent,
  JsonEvent,
  JsonMeans,
  JsonNoteEvent,
  JsonNumber,
  JsonResultEvent,
} from "./events.js";
export type { ReportData } from "./html/report-data.js";
export { reportHtml } from "./html/report-html.js";
export { epochEvent, errorEvent, noteEvent, resultEvent } from "./json.js";
export { progressReporter, type Reporter, type ReporterOptions, type ReportStream } from "./reporter.js";
export { formatStatistics } from "./statistics-table.js";
export { formatSummary, type SummaryOptions } from "./summary.js";
export { type TensorboardOptions, type TensorboardWriter, tensorboardWriter } from "./tensorboard.js";
