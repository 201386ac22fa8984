export { epochEvent, resultEvent } from "./json.js";
export { progressReporter, type Reporter, type ReporterOptions, type ReportStream } from "./reporter.js";
export { formatStatistics, formatSummary, type SummaryOptions } from "./summary.js";
