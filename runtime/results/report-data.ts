import type { Statistics } from "../paramserv/statistics/types.js";
import type { JsonCurvePoint, JsonEpochEvent } from "../report/events.js";
import { formatCount, formatNumberOf } from "../report/format.js";
import type { ReportData } from "../report/html/report-data.js";
import type { TrainedResult } from "./read-result.js";
import type { ResultRecord, Rows, SplitRecord } from "./record.js";

interface Parts {
  readonly record: Omit<ResultRecord, "files" | "evaluation">;
  readonly split: SplitRecord;
  readonly epochs: readonly JsonEpochEvent[];
  readonly curve: readonly JsonCurvePoint[];
  readonly statistics?: Statistics | undefined;
  readonly picture?: string | undefined;
}

/** What a report shows of a run, from the parts of its result. */
export function reportData({ record, split, ...parts }: Parts): ReportData {
  const { network, sources, paramserv, status, options, program } = record;
  const { validation, ...kept } = record.kept;
  return {
    ...{ network, sources, paramserv, status, options, program },
    kept: { ...kept, ...(validation && { validation }) },
    rows: [
      ...rowsOf("training rows", split.training, split.validation),
      ...rowsOf("validation rows", split.validation),
    ],
    ...parts,
  };
}

/** What a report shows of a result that was read. */
export function reportDataOf({ record, split, history, curve, statistics, picture }: TrainedResult): ReportData {
  // Each line is what an epoch's event was: its sum was checked.
  const epochs = history as unknown as readonly JsonEpochEvent[];
  return reportData({ record, split, epochs, curve, statistics, picture });
}

/** `held` are rows of the same files that others are all but for. */
function rowsOf(name: string, rows: Rows | undefined, held?: Rows): ReportData["rows"] {
  if (rows === undefined) return [];
  const { files, part, count, taken } = rows;
  const from = files.map(({ name: file, sha256 }) => `${file} (sha-256 ${sha256})`).join(", ");
  const isSplit = held?.taken !== undefined && held.part === part && held.count === count;
  const number = taken?.length ?? (isSplit ? count - (held.taken?.length ?? 0) : count);
  const many =
    number === count ? formatNumberOf(count, "row") : `${formatCount(number)} of ${formatNumberOf(count, "row")}`;
  return [{ name, text: `${many}${part === "test" ? ", those to test with," : ""} of ${from}` }];
}
