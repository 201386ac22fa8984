import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  adam,
  batchNorm,
  dense,
  dropout,
  exp,
  gradientsOf,
  input,
  label,
  model,
  type ParamservOptions,
  type ParamservResult,
  paramserv,
  relu,
  sgd,
  softmaxCrossEntropy,
} from "paramserv";
import { describe, expect, it } from "vitest";
import { problemsOf, temporaryDirectory } from "../data/files.js";
import { columnSums, countingRun, liveWorkers, noise } from "../paramserv/fixtures.js";

/**
 * Runs of the built package that stop and go on, against the same runs that never stopped. A run that was killed is one
 * whose last checkpoint, that of a stop, is taken away.
 */
const { path: root } = temporaryDirectory();
let count = 0;
const newDirectory = () => join(root, `run-${count++}`);

const data = input("data", [6]);
const kind = label("kind", { classes: 3 });
const plain = dense(data, { name: "scores", units: 3 });
const hidden = relu(batchNorm(dense(data, { name: "hidden", units: 8 }), { name: "norm" }));
const scores = dense(dropout(hidden, { rate: 0.3 }), { name: "scores", units: 3 });
const networkOf = (name: string, of: typeof plain) =>
  model({ name, inputs: [data], labels: [kind], loss: softmaxCrossEntropy(of, kind) });
const small = networkOf("small", plain);
const deep = networkOf("deep", scores);

const rowsOf = (rows: number, seed: number) => ({
  features: { shape: [rows, 6], data: noise(rows * 6, seed) },
  labels: { shape: [rows], data: Int32Array.from({ length: rows }, (_, row) => (row * 7 + seed) % 3) },
});

function runOf(network: typeof small, changes: Partial<ParamservOptions> = {}): ParamservOptions {
  const validation = rowsOf(11, 5);
  return {
    ...{ model: network, upd: gradientsOf(network), ...rowsOf(37, 4), epochs: 4, batchsize: 4, k: 2, seed: 3 },
    ...{ val_features: validation.features, val_labels: validation.labels },
    agg: sgd({ learningRate: exp({ base: 0.1, gamma: 0.99 }), momentum: 0.9 }),
    ...{ utype: "BSP", freq: "BATCH", reshuffle: true, threads: 1 },
    ...changes,
  };
}

/** Runs until so many updates are made, and says what is in the directory of its checkpoints. */
async function stopped(options: ParamservOptions, directory: string, updates: number): Promise<ParamservResult> {
  const controller = new AbortController();
  return paramserv({
    ...{ ...options, checkpoints: directory, keepCheckpoints: 100, signal: controller.signal },
    onStep: (step) => {
      if (step.update === updates) controller.abort();
    },
  });
}

const versionsIn = (directory: string) =>
  readdirSync(directory)
    .filter((name) => name.startsWith("update-"))
    .sort();

/** Takes the newest checkpoint away; how many are left. */
function forgetNewest(directory: string): number {
  const versions = versionsIn(directory);
  rmSync(join(directory, versions.at(-1) ?? ""), { recursive: true });
  return versions.length - 1;
}

/** What is the same of a run whenever it was stopped: all but times. */
function lasting({ status, model: weights, epochs, curve, statistics, run }: ParamservResult) {
  for (const { seconds, samples_per_second } of [...epochs, statistics]) {
    expect([seconds > 0, samples_per_second > 0, samples_per_second < 1e8]).toEqual([true, true, true]);
  }
  const { updates, pushes, samples, max_staleness, dropped_samples } = statistics;
  return {
    ...{ status, kept: run.kept, counts: { updates, pushes, samples, max_staleness, dropped_samples } },
    weights: Object.fromEntries(Object.entries(weights).map(([name, array]) => [name, [...array.data]])),
    epochs: epochs.map(({ epoch, updates: made, learning_rate, train, validation }) => {
      return { epoch, made, learning_rate, train, validation };
    }),
    curve,
  };
}

const cases: Readonly<Record<string, readonly [ParamservOptions, number]>> = {
  "momentum, one worker, mid-epoch": [runOf(small, { k: 1, checkpointing: 3 }), 14],
  "momentum, two workers, mid-epoch": [runOf(small, { checkpointing: 3 }), 8],
  "momentum, the end of an epoch": [runOf(small, { checkpointing: "EPOCH" }), 10],
  "Adam, dropout and batch normalization, one worker": [
    runOf(deep, { k: 1, agg: adam({ learningRate: 0.01 }), checkpointing: "EPOCH" }),
    24,
  ],
  "Adam, dropout and batch normalization, two workers": [
    runOf(deep, { agg: adam({ learningRate: 0.01 }), checkpointing: 2 }),
    9,
  ],
  "three workers, one with fewer batches": [runOf(deep, { k: 3, scheme: "DISJOINT_RANDOM", checkpointing: 2 }), 7],
  "overlapping partitions": [runOf(deep, { scheme: "OVERLAP_RESHUFFLE", checkpointing: 4 }), 13],
  "an update an epoch": [runOf(deep, { freq: "EPOCH", agg: adam({ learningRate: 0.01 }), checkpointing: "EPOCH" }), 2],
  "averaged models": [runOf(deep, { freq: "EPOCH", modelAvg: true, checkpointing: 1 }), 3],
  "an update of two batches": [runOf(deep, { freq: "NBATCHES", nbatches: 2, checkpointing: 2 }), 5],
};

describe("a run that goes on ends with the bits of one that never stopped", () => {
  for (const [name, [options, updates]] of Object.entries(cases)) {
    it(name, async () => {
      const whole = lasting(await paramserv({ ...options, checkpointing: "NONE" }));
      const directory = newDirectory();
      const { status, statistics } = await stopped(options, directory, updates);
      expect([status, statistics.updates]).toEqual(["aborted", updates]);
      const killed = newDirectory();
      cpSync(directory, killed, { recursive: true });
      expect(lasting(await paramserv({ ...options, resume: directory }))).toEqual(whole);
      expect(forgetNewest(killed)).toBeGreaterThan(0);
      expect(lasting(await paramserv({ ...options, resume: killed }))).toEqual(whole);
      expect(versionsIn(killed)).toEqual([`update-${String(whole.counts.updates).padStart(8, "0")}`]);
      expect(liveWorkers()).toBe(0);
    });
  }
});

describe("a run that goes on", () => {
  it("may be longer, and twice stopped", async () => {
    const options = runOf(deep, { checkpointing: 3 });
    const whole = lasting(await paramserv({ ...options, epochs: 6, checkpointing: "NONE" }));
    const directory = newDirectory();
    await stopped(options, directory, 4);
    await stopped({ ...options, resume: directory }, directory, 12);
    expect(lasting(await paramserv({ ...options, resume: directory })).epochs).toEqual(whole.epochs.slice(0, 4));
    expect(lasting(await paramserv({ ...options, epochs: 6, resume: directory }))).toEqual(whole);
  });

  it("keeps the best weights of before", async () => {
    const options = runOf(deep, { checkpointing: "EPOCH", best: "validation.loss", agg: sgd({ learningRate: 1.5 }) });
    const whole = lasting(await paramserv({ ...options, checkpoints: newDirectory() }));
    expect(whole.kept.update).toBeLessThan(whole.counts.updates);
    const directory = newDirectory();
    await stopped(options, directory, whole.kept.update + 1);
    expect(lasting(await paramserv({ ...options, resume: directory }))).toEqual(whole);
  });

  it("that has nothing left to do ends at once with the same result", async () => {
    const options = runOf(small, { checkpointing: "EPOCH" });
    const directory = newDirectory();
    const done = lasting(await paramserv({ ...options, checkpoints: directory }));
    expect(lasting(await paramserv({ ...options, resume: directory }))).toEqual(done);
  });

  it("counts the epochs of before for early stopping, and is complete where that has ended it", async () => {
    const earlyStopping = { monitor: "loss", mode: "max", patience: 3 } as const;
    const options = runOf(small, { epochs: 9, checkpointing: "EPOCH", earlyStopping });
    const whole = lasting(await paramserv({ ...options, checkpointing: "NONE" }));
    expect(whole.epochs.length).toBeLessThan(9);
    // With 7, the last checkpoint is that of the stop.
    for (const checkpointing of ["EPOCH", 7] as const) {
      const directory = newDirectory();
      await stopped({ ...options, checkpointing }, directory, 12);
      const resumed = { ...options, checkpointing, resume: directory };
      expect(lasting(await paramserv(resumed))).toEqual(whole);
      expect(lasting(await paramserv(resumed))).toEqual(whole);
    }
  });

  it("may wait for another time; all else that differs is told", async () => {
    const options = runOf(small, { checkpointing: 2 });
    const directory = newDirectory();
    await stopped(options, directory, 3);
    const { labels } = rowsOf(37, 5);
    const other = { ...options, k: 3, agg: adam({ learningRate: 0.1 }), labels, utype: "ASP", timeout: 9 } as const;
    expect(await problemsOf(paramserv({ ...other, resume: directory }))).toEqual([
      'CHECKPOINT_RUN_DIFFERENT option utype is "ASP", expected "BSP" as the run had it',
      "CHECKPOINT_RUN_DIFFERENT option k is 3, expected 2 as the run had it",
      'CHECKPOINT_RUN_DIFFERENT option agg.type is "adam", expected "sgd" as the run had it',
      "CHECKPOINT_RUN_DIFFERENT the rows to learn from differ in labels/kind, expected those of the run",
    ]);
    const { status } = await paramserv({ ...options, timeout: 9, resume: directory });
    expect(status).toBe("completed");
  });
});

describe("the checkpoint of a run that ends", () => {
  it("is written where the run stops just when one is due", async () => {
    const directory = newDirectory();
    await stopped(runOf(small, { checkpointing: 4 }), directory, 8);
    expect(versionsIn(directory)).toEqual(["update-00000004", "update-00000008"]);
  });

  it("fails the run where it cannot be written, the last one, too", async () => {
    const directory = newDirectory();
    mkdirSync(directory);
    const run = paramserv({
      ...runOf(small, { epochs: 1, checkpointing: "EPOCH", checkpoints: directory }),
      onStep: ({ update }) => {
        if (update !== 5) return;
        // Nobody writes through a file.
        rmSync(directory, { recursive: true });
        writeFileSync(directory, "");
      },
    });
    const [problem, ...others] = await problemsOf(run);
    expect(problem).toMatch(/^CHECKPOINT_WRITE_FAILED the checkpoint cannot be written, there is no earlier one/);
    expect(others).toEqual([]);
    expect(liveWorkers()).toBe(0);
    expect(existsSync(directory)).toBe(true);
  });
});

describe("no row is lost or counted twice", () => {
  const rows = 23;
  for (const utype of ["BSP", "ASP", "SSP"] as const) {
    for (const freq of ["BATCH", "EPOCH"] as const) {
      it(`${utype}, ${freq}, stopped and killed`, async () => {
        const options = countingRun(rows, {
          utype,
          freq,
          staleness: 1,
          epochs: 4,
          checkpointing: freq === "BATCH" ? 3 : 1,
        });
        const directory = newDirectory();
        await stopped(options, directory, freq === "BATCH" ? 14 : 3);
        const killed = newDirectory();
        cpSync(directory, killed, { recursive: true });
        forgetNewest(killed);
        for (const resume of [directory, killed]) {
          const { model: ended, statistics } = await paramserv({ ...options, resume });
          expect([...(ended.sum?.data ?? [])]).toEqual(columnSums(rows, 3).map((sum) => 4 * sum));
          expect([...(ended.rows?.data ?? [])]).toEqual([4 * rows]);
          expect(statistics.samples).toBe(4 * rows);
        }
      });
    }
  }

  it("SBP: each is learned from or dropped", async () => {
    const options = countingRun(rows, {
      utype: "SBP",
      freq: "BATCH",
      numBackupWorkers: 1,
      epochs: 4,
      checkpointing: 2,
    });
    const directory = newDirectory();
    await stopped(options, directory, 7);
    forgetNewest(directory);
    const { model: ended, statistics } = await paramserv({ ...options, resume: directory });
    const learned = ended.rows?.data[0] ?? 0;
    expect(learned).toBe(statistics.samples);
    expect(learned + statistics.dropped_samples).toBe(4 * rows);
  });
});
