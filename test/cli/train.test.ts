import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { beforeAll, describe, expect, it } from "vitest";
import { loadInMemory, readDataset, rowsOf, splitDataset } from "../../runtime/data/index.js";
import type { JsonEvent } from "../../runtime/report/events.js";
import { bytesOf, npyBytes, npzBytes } from "../data/files.js";
import { type Finished, root, runCli, scratchDirectory } from "./run-cli.js";

const scratch = scratchDirectory();
const solver = "test/cli/models/small_solver.prototxt";
const net = "test/cli/models/small_net.prototxt";
const digits = "fixtures/data/digits.npz";

/** What the run printed, without the notes. */
function eventsOf({ stdout }: Finished): readonly JsonEvent[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line): JsonEvent => JSON.parse(line))
    .filter(({ event }) => event !== "note");
}

const epochsOf = (run: Finished) => eventsOf(run).filter((event) => event.event === "epoch");
const resultOf = (run: Finished) => eventsOf(run).find((event) => event.event === "result");
const resultNames = [
  "curve.jsonl",
  "evaluation.onnx",
  "history.jsonl",
  "inference.onnx",
  "model.onnx",
  "model.safetensors",
  "network.svg",
  "report.html",
  "run.json",
  "split.json",
  "statistics.json",
];

const out = (name: string): string => join(scratch, name);

describe("train with --json", () => {
  let run: Finished;
  beforeAll(async () => {
    run = await runCli(["train", solver, "--data", digits, "-k", "2", "--out", out("small"), "--json"]);
  });

  it("prints events only: a start, an epoch each, and the result", () => {
    expect(run.status, run.stderr).toBe(0);
    const events = eventsOf(run);
    // 180 iterations of 32 rows over 1,437 training rows.
    expect(events.map(({ event }) => event)).toEqual(["start", "epoch", "epoch", "epoch", "epoch", "epoch", "result"]);
    expect(run.stderr).toContain("5 epochs, from the solver: 180 iterations × 32 rows ÷ 1,437 training rows");
    expect(events[1]).toMatchObject({
      epoch: 1,
      train: { loss: expect.any(Number) },
      validation: { accuracy: expect.any(Number) },
    });
  });

  it("learns: the loss falls and most digits are told apart", () => {
    const losses = epochsOf(run).map(({ train }) => Number(train.loss));
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 2);
    expect(resultOf(run)?.validation?.accuracy).toBeGreaterThan(0.85);
  });

  it("writes a result whose ONNX model predicts the validation rows from raw pixels as accurately as reported", async () => {
    expect(readdirSync(out("small")).sort()).toEqual(resultNames);
    const shapes = {
      inputs: { data: { shape: [1, 8, 8], dtype: "float32" } },
      labels: { label: { shape: [], dtype: "int32", classes: 10 } },
    } as const;
    const raw = await readDataset(join(root, digits), { shapes });
    const validation = await loadInMemory(splitDataset(raw, { validation: 0.2, seed: 3 }).validation);
    const rows = rowsOf(validation);
    const session = await InferenceSession.create(join(out("small"), "model.onnx"));
    const features = new Tensor("float32", Float32Array.from(validation.features.data?.data ?? []), [rows, 8, 8]);
    const results = await session.run({ [session.inputNames[0] ?? ""]: features });
    const scores = results[session.outputNames[0] ?? ""]?.data as Float32Array;
    let right = 0;
    for (let row = 0; row < rows; row++) {
      const own = scores.subarray(row * 10, row * 10 + 10);
      if (own.indexOf(Math.max(...own)) === validation.labels.label?.data[row]) right++;
    }
    expect(right / rows).toBeCloseTo(Number(resultOf(run)?.validation?.accuracy), 6);
    await session.release();
  });

  it("gives the same weights again from the same seed", async () => {
    const args = ["train", solver, "--data", digits, "-k", "2", "--out", out("again"), "--json"];
    expect((await runCli(args)).status).toBe(0);
    const [first, second] = ["small", "again"].map((name) => readFileSync(join(out(name), "model.safetensors")));
    expect(first?.equals(second ?? Buffer.of())).toBe(true);
  });
});

describe("train", () => {
  const strategies = [
    ["--utype", "ASP"],
    ["--freq", "EPOCH"],
    ["--utype", "ASP", "--freq", "EPOCH"],
    ["--scheme", "DISJOINT_CONTIGUOUS"],
    ["--scheme", "DISJOINT_ROUND_ROBIN"],
    ["--scheme", "OVERLAP_RESHUFFLE"],
    ["--aggregation", "sum", "--learning-rate", "0.02"],
    ["--no-reshuffle", "--validation", "0"],
    ["--batchsize", "7", "-k", "3"],
  ];
  it.each(strategies.map((options) => [options.join(" "), options] as const))(
    "learns with %s",
    async (name, options) => {
      const args = ["train", solver, "--data", digits, "-k", "2", "--epochs", "4", "--json", "--out", out(`s ${name}`)];
      const run = await runCli([...args, ...options]);
      expect(run.status, run.stderr).toBe(0);
      const epochs = epochsOf(run);
      expect(epochs).toHaveLength(4);
      // Under ASP a late push may set one epoch back.
      const [first, ...later] = epochs.map(({ train }) => Number(train.loss));
      expect(Math.min(...later)).toBeLessThan(Number(first));
      expect("validation" in (epochs[0] ?? {})).toBe(!options.includes("--validation"));
    },
  );

  it("shares the solver's batch between the workers, so that any number of them makes the same updates", async () => {
    const updates = async (k: string) => {
      const args = ["train", solver, "--data", digits, "-k", k, "--epochs", "1", "--json", "--out", out(`shared ${k}`)];
      const run = await runCli([...args, "--scheme", "DISJOINT_ROUND_ROBIN", "--no-reshuffle"]);
      expect(run.status, run.stderr).toBe(0);
      return { said: run.stderr, loss: Number(resultOf(run)?.validation?.loss) };
    };
    const [one, two] = [await updates("1"), await updates("2")];
    expect(two.said).toMatch(/^batches of 32 rows are shared by 2 workers: 16 rows each$/m);
    expect(two.loss).toBeCloseTo(one.loss, 5);
  });

  it("says what it assumes for a net without a solver, and prints a summary", async () => {
    const run = await runCli(["train", net, "--data", digits, "--epochs", "1", "-k", "1", "--out", out("bare")]);
    expect(run.status, run.stderr).toBe(0);
    expect(run.stderr).toContain("no solver file: SGD with learning rate 0.01, momentum 0.9, weight decay 0.0005");
    expect(run.stderr).toMatch(/^epoch 1\/1 {2}loss /m);
    expect(run.stdout).toMatch(/^Trained 1 epoch in /);
    expect(run.stdout).toContain(join(out("bare"), "model.onnx"));
  });

  it("writes into a directory that is not empty with --force only", async () => {
    const args = ["train", net, "--data", digits, "--epochs", "1", "-k", "1", "--out", out("bare")];
    expect((await runCli(args)).status).toBe(2);
    expect((await runCli([...args, "--force"])).status).toBe(0);
  });

  it("validates with a file of its own", async () => {
    const args = ["train", net, "--data", digits, "--val-data", digits, "--epochs", "1", "-k", "1", "--json"];
    const run = await runCli([...args, "--out", out("own")]);
    expect(eventsOf(run)[0]).toMatchObject({ event: "start", rows: 1797, validation_rows: 1797 });
  });

  it("takes an array of the file for each input of a net, by its name or as it is told", async () => {
    const rows = 40;
    const floats = (count: number) => Float32Array.from({ length: rows * count }, (_, at) => ((at * 7) % 11) / 11);
    const file = join(scratch, "two.npz");
    const arrays = {
      x: npyBytes({ descr: "<f4", shape: [rows, 1, 2, 3], data: bytesOf(floats(6)) }),
      extra: npyBytes({ descr: "<f4", shape: [rows, 4], data: bytesOf(floats(4)) }),
      y: npyBytes({ shape: [rows], data: Uint8Array.from({ length: rows }, (_, row) => row % 2) }),
    };
    writeFileSync(file, npzBytes(arrays));
    const args = ["train", "test/cli/models/two_inputs_net.prototxt", "--data", file, "--epochs", "2", "-k", "2"];
    const unnamed = await runCli([...args, "--out", out("unnamed")]);
    expect(unnamed.status).toBe(2);
    expect(unnamed.stderr).toContain('expected an array of the same name for the input "image"');
    expect(unnamed.stderr).toContain("--input image=ARRAY");
    const named = await runCli([...args, "--input", "image=x", "--json", "--out", out("named")]);
    expect(named.status, named.stderr).toBe(0);
    const { train, validation } = resultOf(named) ?? {};
    expect(Number(train?.loss)).toBeCloseTo(Number(train?.loss1) + Number(train?.loss2), 5);
    expect(validation).toMatchObject({ loss: expect.any(Number), loss1: expect.any(Number) });
  });

  it("names its result after the model where no directory is given", async () => {
    const args = ["train", join(root, net), "--data", join(root, digits), "--epochs", "1", "-k", "1"];
    const run = await runCli(args, { cwd: scratch });
    expect(run.status, run.stderr).toBe(0);
    expect(existsSync(join(scratch, "small-trained/model.onnx"))).toBe(true);
  });
});

describe("Ctrl-C", () => {
  const endless = ["train", solver, "--data", digits, "-k", "2", "--epochs", "100000"];

  /** Sends a signal once the second epoch is over; says how long the process then took to end. */
  async function interrupt(
    name: string,
    signals: readonly { readonly signal: NodeJS.Signals; readonly after: number }[],
  ) {
    let sent: number | undefined;
    const run = await runCli([...endless, "--out", out(name)], {
      onOutput: (child, { stderr }) => {
        if (sent !== undefined || !/^epoch +2\//m.test(stderr)) return;
        sent = performance.now();
        for (const { signal, after } of signals) setTimeout(() => child.kill(signal), after);
      },
    });
    return { ...run, seconds: (performance.now() - (sent ?? 0)) / 1000 };
  }

  it.each(["SIGINT", "SIGTERM"] as const)(
    "%s: ends within two seconds, keeps the weights and says so",
    async (signal) => {
      const run = await interrupt(signal, [{ signal, after: 0 }]);
      expect(run.status, run.stderr).toBe(130);
      expect(run.seconds).toBeLessThan(2);
      expect(readdirSync(out(signal)).sort()).toEqual(resultNames);
      expect(run.stdout).toMatch(/; kept the weights of update \d+ of 4,500,000, in epoch [23]\.\n {2}val loss {6}\d/);
      expect(run.stdout).toContain(join(out(signal), "model.safetensors"));
      await InferenceSession.create(join(out(signal), "model.onnx")).then((session) => session.release());
    },
  );

  it("takes the same interrupt twice, from the terminal and from npx, for one", async () => {
    const run = await interrupt("twice", [
      { signal: "SIGINT", after: 0 },
      { signal: "SIGINT", after: 20 },
    ]);
    expect(run.status, run.stderr).toBe(130);
    expect(readdirSync(out("twice"))).toContain("model.onnx");
  });

  /** Presses Ctrl-C twice, the first time so long after the start, during a first step that takes many seconds. */
  async function pressTwice(delay: number) {
    const lenet = "fixtures/models/lenet/lenet_train_test.prototxt";
    const huge = ["--input-shape", "1,112,112", "--batchsize", "1400", "-k", "1", "--epochs", "100", "--json"];
    let sent: number | undefined;
    const run = await runCli(["train", lenet, "--data", digits, ...huge, "--out", out("long")], {
      onOutput: (child, { stdout }) => {
        if (sent !== undefined || !stdout.includes('"start"')) return;
        sent = performance.now() + delay;
        setTimeout(() => child.kill("SIGINT"), delay);
        setTimeout(() => child.kill("SIGINT"), delay + 500);
      },
    });
    return { ...run, seconds: (performance.now() - (sent ?? 0)) / 1000 };
  }

  it("ends at once when it is pressed again, also in the middle of a long step", async () => {
    let run = await pressTwice(1500);
    // On a busy machine the step may not have begun by then, and the first press ends the run properly.
    for (let delay = 3000; run.status === 130 && delay <= 12_000; delay *= 2) run = await pressTwice(delay);
    expect([run.status, run.signal], run.stderr).toEqual([null, "SIGINT"]);
    expect(run.seconds).toBeLessThan(4);
    expect(run.stderr.trimEnd()).toMatch(/stopped at once; nothing was kept$/);
    expect(existsSync(out("long"))).toBe(false);
  });
});
