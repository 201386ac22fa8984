import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EpochRecord, ProgressRecord, TrainingEvent } from "../../runtime/paramserv/types.js";
import { epochEvent as printed } from "../../runtime/report/json.js";
import { progressReporter } from "../../runtime/report/reporter.js";
import { formatSummary } from "../../runtime/report/summary.js";
import { result } from "./runs.js";

const start: TrainingEvent = {
  event: "start",
  parameters: 431080,
  rows: 1437,
  validation_rows: 360,
  k: 2,
  epochs: 10,
  batchsize: 64,
  pushes: 240,
  learning_rate: 0.01,
};
const progressEvent = (of: ProgressRecord): TrainingEvent => ({ event: "progress", ...of });
const running: ProgressRecord = {
  epoch: 3,
  updates: 60,
  samples: 3593,
  total_samples: 14370,
  learning_rate: 0.01,
  train: { loss: 0.2134 },
  samples_per_second: 1180.4,
  seconds_left: 9.1,
};
const progress = progressEvent(running);
const record: EpochRecord = {
  epoch: 3,
  updates: 72,
  learning_rate: 0.01,
  train: { loss: 0.20112 },
  validation: { loss: 0.31, accuracy: 0.9124 },
  samples_per_second: 1180.4,
  seconds: 1.23,
};

const epochEvent = (of: EpochRecord): TrainingEvent => ({ event: "epoch", ...of });
const epoch = epochEvent(record);

/** A stream that keeps what is written, and what a terminal would show of it. */
function stream(terminal: { readonly columns: number } | undefined) {
  const written: string[] = [];
  return {
    isTTY: terminal !== undefined,
    ...(terminal ?? {}),
    write: (text: string) => written.push(text),
    text: () => written.join(""),
    shown: () =>
      written
        .join("")
        .split("\n")
        .map((line) => line.slice(line.lastIndexOf("\u001b[K") + 1).replace(/^\[K/, "")),
  };
}

beforeEach(() => {
  vi.stubEnv("NO_COLOR", "");
  vi.stubEnv("TERM", "xterm");
});
afterEach(() => vi.unstubAllEnvs());

describe("on a terminal", () => {
  test("one line is rewritten and an epoch leaves a line for good", () => {
    const out = stream({ columns: 100 });
    const reporter = progressReporter({ stream: out, color: false });
    for (const event of [start, progress, progress, epoch, progress]) reporter.onEvent(event);
    reporter.close();
    expect(out.shown()).toEqual([
      "training 431,080 parameters on 1,437 rows, 360 more to validate: 2 workers, batches of 64",
      "epoch  3/10  loss 0.2011  val loss 0.3100  val accuracy 0.9124  1,180 samples/s  1.2 s",
      "",
    ]);
    expect(out.text()).toContain(
      "epoch  3/10  [████████░░░░░░░░░░░░░░░░░░░░░░]   25 %  loss 0.2134  1,180 samples/s  9.1 s left",
    );
  });

  test.each([120, 80, 72, 60, 50, 40, 30, 20, 12, 5, 1])("the progress line keeps within %d columns", (columns) => {
    const out = stream({ columns });
    const reporter = progressReporter({ stream: out, color: false });
    for (const event of [start, progress]) reporter.onEvent(event);
    const line = out.text().split("\r\u001b[K").at(-1) ?? "";
    expect(line.length).toBeLessThan(Math.max(columns, 2));
    expect(line.startsWith("epoch  3/10".slice(0, Math.max(1, columns - 1)))).toBe(true);
  });

  test("a long read is shown on the progress line, cut to the width", () => {
    const out = stream({ columns: 20 });
    const reporter = progressReporter({ stream: out, color: false });
    reporter.progress("reading digits.npz  52 %  3.1 MB of 6.0 MB");
    expect(out.text()).toBe("\r\u001b[Kreading digits.npz ");
    const file = stream(undefined);
    progressReporter({ stream: file }).progress("reading");
    expect(file.text()).toBe("");
  });

  test("closing twice clears once", () => {
    const out = stream({ columns: 80 });
    const reporter = progressReporter({ stream: out });
    reporter.onEvent(progress);
    reporter.close();
    const length = out.text().length;
    reporter.close();
    expect(out.text()).toHaveLength(length);
  });

  test("NO_COLOR and color: false leave out colours, but not the rewriting", () => {
    const coloured = stream({ columns: 80 });
    progressReporter({ stream: coloured }).onEvent(progress);
    expect(coloured.text()).toContain("\u001b[2m");
    vi.stubEnv("NO_COLOR", "1");
    const plain = stream({ columns: 80 });
    progressReporter({ stream: plain }).onEvent(progress);
    expect(plain.text()).not.toContain("\u001b[2m");
    expect(plain.text()).toContain("\r\u001b[K");
  });
});

test("elsewhere only the epoch lines are written, without control characters", () => {
  const out = stream(undefined);
  const reporter = progressReporter({ stream: out });
  for (const event of [start, progress, epoch]) reporter.onEvent(event);
  reporter.close();
  expect(out.text()).toBe("epoch  3/10  loss 0.2011  val loss 0.3100  val accuracy 0.9124  1,180 samples/s  1.2 s\n");
});

test("metrics beside accuracy appear by their name, and what is missing is left out", () => {
  const out = stream(undefined);
  const reporter = progressReporter({ stream: out });
  reporter.onEvent(
    epochEvent({
      epoch: 1,
      updates: 4,
      train: { loss: 12345.6, accuracy: 0.5 },
      validation: { top_5: 0.99 },
      samples_per_second: 3.25,
      seconds: 125,
    }),
  );
  expect(out.text()).toBe("epoch 1  loss 1.23e+4  accuracy 0.5000  val top 5 0.9900  3.3 samples/s  2 min 5 s\n");
});

describe("the learning rate", () => {
  const linesOf = (rates: readonly (number | undefined)[], initial: number | undefined = 0.01) => {
    const out = stream(undefined);
    const reporter = progressReporter({ stream: out });
    const { learning_rate: _, ...begun } = start;
    reporter.onEvent({ ...begun, ...(initial === undefined ? {} : { learning_rate: initial }) });
    const { learning_rate: _rate, ...plain } = record;
    for (const rate of rates) {
      reporter.onEvent(epochEvent({ ...plain, ...(rate === undefined ? {} : { learning_rate: rate }) }));
    }
    return out
      .text()
      .trimEnd()
      .split("\n")
      .map((line) => /lr (\S+) {2}1,180 samples/.exec(line)?.[1]);
  };

  test("is told in the line of an epoch that changes it", () => {
    expect(linesOf([0.01, 0.01, 0.001, 0.001, 0.00975, 1.25e-7])).toEqual([
      undefined,
      undefined,
      "0.001",
      undefined,
      "0.00975",
      "1.25e-7",
    ]);
    expect(linesOf([0.0097])).toEqual(["0.0097"]);
    // The same to the eye.
    expect(linesOf([0.0100001])).toEqual([undefined]);
  });

  test("is not told where nobody knows it", () =>
    expect(linesOf([undefined, undefined], undefined)).toEqual([undefined, undefined]));

  test("does not break a line that is whole without it", () => {
    const out = stream(undefined);
    const reporter = progressReporter({ stream: out });
    for (const event of [start, epochEvent({ ...record, learning_rate: 0.0097 })]) reporter.onEvent(event);
    expect(out.text()).toBe(
      "epoch  3/10  loss 0.2011  val loss 0.3100  val accuracy 0.9124  lr 0.0097  1,180 samples/s  1.2 s\n",
    );
  });
});

describe("a network with several losses", () => {
  /** As the server records it: the total, each loss by its name, then metrics. */
  const several: EpochRecord = {
    epoch: 3,
    updates: 72,
    train: { loss: 1.2034, class: 1.0021, aux_loss: 0.4026, accuracy: 0.8012 },
    validation: { loss: 0.4321, class: 0.301, aux_loss: 0.2622, accuracy: 0.9123 },
    samples_per_second: 1180.4,
    seconds: 1.23,
  };
  const linesOf = (of: EpochRecord, first: TrainingEvent = start) => {
    const out = stream(undefined);
    const reporter = progressReporter({ stream: out });
    for (const event of [first, epochEvent(of)]) reporter.onEvent(event);
    return out.text().trimEnd().split("\n");
  };

  test("has the scalars of validation below those of training, within 80 columns", () => {
    expect(linesOf(several)).toEqual([
      "epoch  3/10  loss 1.2034  class 1.0021  aux loss 0.4026  accuracy 0.8012",
      "        val  loss 0.4321  class 0.3010  aux loss 0.2622  accuracy 0.9123",
      "             1,180 samples/s  1.2 s",
    ]);
    const { validation: _, ...training } = several;
    expect(linesOf({ ...training, train: { ...training.train, top_5: 0.99 } })).toEqual([
      "epoch  3/10  loss 1.2034  class 1.0021  aux loss 0.4026  accuracy 0.8012",
      "             top 5 0.9900  1,180 samples/s  1.2 s",
    ]);
  });

  test("is one line where that is short enough", () => {
    const plain = {
      ...several,
      train: { loss: 1.2034, class: 1.0021 },
      validation: { loss: 0.4321, class: 0.301 },
    };
    expect(linesOf(plain)).toEqual([
      "epoch  3/10  loss 1.2034  class 1.0021",
      "        val  loss 0.4321  class 0.3010  1,180 samples/s  1.2 s",
    ]);
    expect(linesOf({ ...plain, validation: { loss: 0.4321 } })).toEqual([
      "epoch  3/10  loss 1.2034  class 1.0021  val loss 0.4321  1,180 samples/s  1.2 s",
    ]);
  });

  test("keeps each line within 80 columns for any number of scalars whose names are short", () => {
    for (const count of [1, 2, 3, 5, 8, 13, 21]) {
      const named = Object.fromEntries(Array.from({ length: count }, (_, index) => [`branch_${index}_loss`, 0.25]));
      const { train, validation } = several;
      const record = { ...several, train: { ...train, ...named }, validation: { ...validation, ...named } };
      const lines = linesOf(record, { ...start, epochs: 100_000 });
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
      const text = lines.join(" ");
      expect(text.match(/branch/g)).toHaveLength(2 * count);
      expect(text.match(/ val /g)).toHaveLength(1);
    }
  });

  test("is told by the total on the progress line, and closes with every figure", () => {
    const out = stream({ columns: 80 });
    const reporter = progressReporter({ stream: out, color: false });
    for (const event of [start, progressEvent({ ...running, train: { ...running.train, class: 0.2 } })])
      reporter.onEvent(event);
    expect(out.text()).toContain("25 %  loss 0.2134  1,180 samples/s");
    expect(out.text()).not.toContain("class");
    expect(
      formatSummary(result({ epochs: [several] }))
        .split("\n")
        .slice(1, 9),
    ).toEqual([
      "  loss          1.2034",
      "  class         1.0021",
      "  aux loss      0.4026",
      "  accuracy      0.8012",
      "  val loss      0.4321",
      "  val class     0.3010",
      "  val aux loss  0.2622",
      "  val accuracy  0.9123",
    ]);
  });

  test("has every scalar in its JSON events", () => {
    const out = stream(undefined);
    const reporter = progressReporter({ json: true, stream: out });
    reporter.onEvent(epochEvent(several));
    reporter.result(result({ epochs: [several] }), []);
    const [epochLine, resultLine] = out
      .text()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(epochLine).toEqual({ event: "epoch", ...several });
    const { train, validation } = several;
    expect(resultLine).toMatchObject({ event: "result", epochs: 3, train, validation });
  });
});

describe("JSON", () => {
  test("is one object a line: the start, each epoch, and last the result", () => {
    const out = stream({ columns: 80 });
    const reporter = progressReporter({ json: true, stream: out });
    for (const event of [start, progress, epoch]) reporter.onEvent(event);
    reporter.progress("not for machines");
    reporter.result(result(), ["result/model.onnx"]);
    reporter.close();
    const lines = out.text().trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(["start", "epoch", "result"]);
    expect(lines[1]).toBe(
      '{"event":"epoch","epoch":3,"updates":72,"learning_rate":0.01,"train":{"loss":0.20112},"validation":{"loss":0.31,"accuracy":0.9124},"samples_per_second":1180.4,"seconds":1.23}',
    );
    expect(JSON.parse(lines[2] ?? "")).toEqual({
      event: "result",
      status: "completed",
      epochs: 2,
      updates: 46,
      learning_rate: 0.005,
      train: { loss: 0.1 },
      validation: { loss: 0.2, accuracy: 0.97 },
      samples_per_second: 1150,
      seconds: 3.5,
      files: ["result/model.onnx"],
      statistics: result().statistics,
    });
  });

  test("has null for what is not a number", () => {
    const out = stream(undefined);
    const wild = {
      ...record,
      train: { loss: Number.NaN },
      validation: { loss: Infinity },
      samples_per_second: -Infinity,
    };
    progressReporter({ json: true, stream: out }).onEvent(epochEvent(wild));
    const nulls = { train: { loss: null }, validation: { loss: null }, samples_per_second: null };
    expect(JSON.parse(out.text())).toMatchObject(nulls);
    expect(printed(wild)).toMatchObject(nulls);
  });

  test("has what is said to a person as notes: a text, or a note on a file", () => {
    const out = stream(undefined);
    const reporter = progressReporter({ json: true, stream: out });
    const problem = { message: "no effect", at: { file: "n", line: 2 }, hint: "h" };
    for (const note of ["resized", problem]) reporter.note(note);
    expect(out.text()).toBe(`{"event":"note","message":"resized"}\n${JSON.stringify({ event: "note", ...problem })}\n`);
    const people = stream(undefined);
    progressReporter({ stream: people }).note("resized");
    expect(people.text()).toBe("");
  });

  test("keeps scalars that are named as its own fields apart from these", () => {
    const out = stream(undefined);
    const names = ["event", "epoch", "seconds", "train", "learning_rate", "val_loss", "__proto__"];
    const train = { loss: 1, ...Object.fromEntries(names.map((name, index) => [name, index + 2])) };
    progressReporter({ json: true, stream: out }).onEvent(epochEvent({ ...record, train }));
    const { event, epoch, seconds, learning_rate, train: printed } = JSON.parse(out.text());
    expect({ event, epoch, seconds, learning_rate }).toEqual({
      event: "epoch",
      epoch: 3,
      seconds: 1.23,
      learning_rate: 0.01,
    });
    expect(Object.entries(printed)).toEqual([["loss", 1], ...names.map((name, index) => [name, index + 2])]);
  });
});
