import { describe, expect, test } from "vitest";
import { formatCount, formatRate, formatScalar, formatSeconds } from "../../runtime/report/format.js";
import { formatSummary } from "../../runtime/report/summary.js";
import { result } from "./runs.js";

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
    expect(formatSummary(result())).not.toContain("gradients");
    const text = formatSummary(result(), { statistics: true });
    expect(text).toContain("  gradients        5.00 s   71.4 %");
    expect(text).toContain("  staleness  0.50 mean, 1 most");
  });
});

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
