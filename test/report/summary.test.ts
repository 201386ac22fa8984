import { describe, expect, test } from "vitest";
import type { Statistics, WorkerStatistics } from "../../runtime/paramserv/statistics/types.js";
import { formatBytes, formatCount, formatRate, formatScalar, formatSeconds } from "../../runtime/report/format.js";
import { formatStatistics } from "../../runtime/report/statistics-table.js";
import { formatSummary } from "../../runtime/report/summary.js";
import { result, worker } from "./runs.js";

describe("the closing summary", () => {
  test("says how good, how fast and where the files are", () => {
    expect(formatSummary(result(), { files: ["result/model.safetensors", "result/model.onnx"] })).toBe(
      [
        "Trained 2 epochs in 3.5 s.",
        "  loss          0.1000",
        "  val loss      0.2000",
        "  val accuracy  0.9700",
        "  speed         1,150 samples/s (2 workers)",
        "  files         result/model.safetensors",
        "                result/model.onnx",
      ].join("\n"),
    );
  });

  test("of a run that was stopped says what was kept", () => {
    const [headline] = formatSummary(result({ status: "aborted" }), { epochs: 10 }).split("\n");
    expect(headline).toBe("Stopped after 2 of 10 epochs, 3.5 s; kept the weights of update 46 of 46, in epoch 2.");
  });

  test("of a run that was stopped before its first update says that nothing was learned", () => {
    const stopped = result({ status: "aborted", epochs: [] });
    const early = { ...stopped, statistics: { ...stopped.statistics, updates: 0, samples_per_second: 0 } };
    expect(formatSummary(early, { epochs: 10 })).toContain(
      "Stopped after 0 of 10 epochs, 3.5 s, before the first update.",
    );
  });

  test("has the table of where the time went only on request", () => {
    expect(formatSummary(result())).not.toContain("compute");
    expect(formatSummary(result(), { statistics: true })).toContain(formatStatistics(result().statistics));
  });
});

describe("the table of where the time went", () => {
  const { statistics } = result();

  test("has a row a worker, the share of each column, and counts", () => {
    expect(formatStatistics(statistics)).toBe(
      [
        "Seconds of 2 workers in 3.5 s:",
        "  worker      load    pull compute    push  update    wait  valid.  samples/s",
        "  0           0.10    0.03    2.50    0.01    0.05    0.20    0.11        575",
        "  1           0.10    0.03    2.50    0.01    0.05    0.20    0.11        575",
        "  share      3.3 %   0.8 %  83.3 %   0.5 %   1.7 %   6.7 %   3.7 %",
        "Counts:",
        "  updates    46",
        "  pushes     46",
        "  samples    2,874",
        "  staleness  0.50 mean, 1 most",
        "  copied     79 MB pulled, 1.5 kB pushed",
        "  set-up     0.6 s",
      ].join("\n"),
    );
  });

  const of = (count: number, changes: Partial<WorkerStatistics> = {}): Statistics => ({
    ...statistics,
    workers: count,
    by_worker: Array.from({ length: count }, (_, index) =>
      worker(index, { compute_seconds: 1000 * (index + 1), ...changes }),
    ),
  });

  test.each([1, 8, 9, 64])("keeps within 80 columns for %d workers", (count) => {
    const long = { load_seconds: 123_456.7, wait_seconds: 9999.994, samples_per_second: 1_234_567 };
    const lines = formatStatistics(of(count, long)).split("\n");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines.filter((line) => /^ {2}\d/.test(line))).toHaveLength(count <= 8 ? count : 0);
  });

  test("tells least, median and most of each column for more than eight workers", () => {
    const computing = (name: string) =>
      new RegExp(`^  ${name}.*`, "m")
        .exec(formatStatistics(of(9)))?.[0]
        ?.trim()
        .split(/\s+/)[3];
    expect([computing("least"), computing("median"), computing("most")]).toEqual(["1000.00", "5000.00", "9000.00"]);
  });

  test("tells what was dropped, skipped, lost and saved only where something was", () => {
    expect(formatStatistics(statistics)).not.toMatch(/dropped|skipped|lost|saved/);
    const eventful = { dropped_pushes: 1, dropped_samples: 64, skipped_batches: 2, lost_workers: 1 };
    const text = formatStatistics({ ...statistics, ...eventful, checkpoints: 3, checkpoint_seconds: 0.5 });
    expect(text).toContain(
      "  dropped    1 push of 64 rows\n  skipped    2 batches with numbers that were not finite\n",
    );
    expect(text).toContain("  lost       1 worker\n  saved      3 checkpoints in 0.5 s\n");
  });
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [999.5, "1.0 kB"],
  [1500, "1.5 kB"],
  [9949, "9.9 kB"],
  [9950, "10 kB"],
  [79_000_000, "79 MB"],
  [3.2e18, "3200 PB"],
])("%d bytes are written %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

test.each([
  [0, "0.0000"],
  [0.97, "0.9700"],
  [0.00012, "1.20e-4"],
  [-3, "-3.0000"],
  [1e6, "1.00e+6"],
  [Number.NaN, "NaN"],
])("the scalar %d is written %s", (value, text) => expect(formatScalar(value)).toBe(text));

test.each([
  [0, "0.0 s"],
  [9.94, "9.9 s"],
  [9.96, "10 s"],
  [59.6, "1 min 0 s"],
  [200, "3 min 20 s"],
  [3599.9, "1 h 00 min"],
  [7500, "2 h 05 min"],
  [Number.POSITIVE_INFINITY, "? s"],
])("%d seconds are written %s", (seconds, text) => expect(formatSeconds(seconds)).toBe(text));

test("rates and counts", () => {
  expect([formatRate(1180.4), formatRate(3.21), formatRate(Number.NaN), formatCount(1234567)]).toEqual([
    "1,180 samples/s",
    "3.2 samples/s",
    "? samples/s",
    "1,234,567",
  ]);
});
