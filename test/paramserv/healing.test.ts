import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isBaseError, type ParamservOptions, type ParamservResult, paramserv, sgd } from "paramserv";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import {
  type ArrayRun,
  columnSums,
  countingRun,
  leastSquaresRun,
  liveWorkers,
  noise,
  userFunction,
} from "./fixtures.js";

const directory = mkdtempSync(join(tmpdir(), "paramserv-test-"));
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => {
  expect(liveWorkers()).toBe(0);
});

let files = 0;
/** A file that is not there: who makes it does something once. */
const once = () => join(directory, `once-${files++}`);

/** 12 rows in 3 workers, contiguous, batches of 2: row 6 (values 18 …) is in batch 2 of worker 1. */
const triggered = (upd: string, changes: Partial<ArrayRun> = {}) =>
  countingRun(12, {
    upd: userFunction(upd),
    hyperparams: { trigger: 18, once: once() },
    freq: "BATCH",
    utype: "BSP",
    ...changes,
  });

const valuesOf = ({ model }: ParamservResult, name: string): readonly number[] => [...(model[name]?.data ?? [])];

function expectRows(result: ParamservResult, rows: number, passes: number): void {
  expect(result.status).toBe("completed");
  expect(valuesOf(result, "rows")).toEqual([rows * passes]);
  expect(valuesOf(result, "sum")).toEqual(columnSums(rows, 3).map((sum) => sum * passes));
  expect(result.statistics.samples).toBe(rows * passes);
}

async function failure(options: ParamservOptions) {
  try {
    await paramserv(options);
  } catch (error) {
    if (!isBaseError(error)) throw error;
    const { at } = error.problems[0] ?? {};
    return { message: error.message, code: error.code, file: at?.file ?? "" };
  }
  throw new Error("the run did not fail");
}

describe("a worker thread that dies once", () => {
  for (const utype of ["BSP", "ASP", "SSP"] as const) {
    for (const freq of ["BATCH", "EPOCH"] as const) {
      it(`by process.exit is replaced and its work done again, once: ${utype}, ${freq}`, async () => {
        const result = await paramserv(triggered("exitsOnce", { utype, freq }));
        expectRows(result, 12, 2);
        expect(result.statistics.lost_workers).toBe(1);
        expect(result.statistics.by_worker.map(({ incarnations }) => incarnations)).toEqual([1, 2, 1]);
      });
    }
  }

  it("under SBP counts what is not dropped once", async () => {
    const result = await paramserv(triggered("exitsOnce", { utype: "SBP", numBackupWorkers: 1 }));
    expect(result.status).toBe("completed");
    expect(valuesOf(result, "rows")).toEqual([result.statistics.samples]);
    expect(result.statistics.samples + result.statistics.dropped_samples).toBe(24);
  });

  it("when it is the only one", async () => {
    expectRows(await paramserv(triggered("exitsOnce", { k: 1 })), 12, 2);
  });

  it("by an error that no caller can catch", async () => {
    const result = await paramserv(triggered("throwsLaterOnce"));
    expectRows(result, 12, 2);
    expect(result.statistics.lost_workers).toBe(1);
  });

  for (const utype of ["BSP", "ASP"] as const) {
    it(`while it makes an update: ${utype}`, async () => {
      const result = await paramserv(triggered("columnSums", { utype, agg: userFunction("addsAfterDeath") }));
      expectRows(result, 12, 2);
      expect(result.statistics.lost_workers).toBe(1);
    });
  }

  it("while it validates", async () => {
    const { features, labels } = countingRun(5);
    const val = userFunction("countsAfterDeath");
    const result = await paramserv(triggered("columnSums", { val, val_features: features, val_labels: labels }));
    expectRows(result, 12, 2);
    expect(result.epochs.map(({ validation }) => validation)).toEqual([
      { loss: -12, rows: 5 },
      { loss: -24, rows: 5 },
    ]);
  });
});

describe("a worker that dies again and again", () => {
  it("in upd ends the run with the cause", async () => {
    const { message, code } = await failure(triggered("exitsAtTrigger"));
    expect(message).toContain("worker 1 ended with exit status 7 before its work was done");
    expect(code).toBe("WORKER_FAILED");
  });

  it("by an error of its own ends the run with its text", async () => {
    const { message, file } = await failure(triggered("throwsLaterAtTrigger", { utype: "ASP" }));
    expect(message).toContain("nobody catches this");
    expect(file).toMatch(/functions\.mjs$/);
  });

  it("in agg ends the run with the cause", async () => {
    const { message } = await failure(triggered("columnSums", { agg: userFunction("exits") }));
    expect(message).toMatch(/worker \d ended with exit status 9 before its work was done/);
  });
});

describe("a function that hangs", () => {
  /** Seconds: long enough for a thread to start on a busy machine. */
  const timeout = 5;
  const cases: readonly (readonly [string, Partial<ArrayRun>])[] = [
    ["upd", { upd: userFunction("neverSettles") }],
    ["agg", { agg: userFunction("neverSettles") }],
    [
      "val",
      { val: userFunction("neverSettles"), val_features: countingRun(5).features, val_labels: countingRun(5).labels },
    ],
  ];
  for (const [name, changes] of cases) {
    it(`${name} ends the run after the timeout, with its name and module`, async () => {
      const start = performance.now();
      const { message, code, file } = await failure(countingRun(4, { k: 1, timeout, freq: "BATCH", ...changes }));
      expect(message).toContain(`function "neverSettles" has not returned for ${timeout} s in worker 0`);
      expect(code).toBe("USER_FUNCTION_HUNG");
      expect(file).toMatch(/test\/paramserv\/functions\.mjs$/);
      expect(performance.now() - start).toBeGreaterThan(timeout * 1000);
    }, 30_000);
  }

  it("agg in a worker's own step between two batches is one of the two that are named", async () => {
    const options = countingRun(4, { k: 1, timeout, agg: userFunction("neverSettles"), freq: "EPOCH" });
    const { message } = await failure(options);
    expect(message).toContain('function "columnSums" or "neverSettles" has not returned for');
  }, 30_000);

  it("and blocks its thread does so too", async () => {
    const hyperparams = { trigger: 0, marker: once() };
    const { code } = await failure(countingRun(4, { k: 1, timeout, upd: userFunction("hangsAtTrigger"), hyperparams }));
    expect(code).toBe("USER_FUNCTION_HUNG");
  }, 30_000);
});

describe("numbers that are not finite", () => {
  // Row 6 is in the second of the two updates of an epoch, with rows 2, 3, 7, 10 and 11.
  for (const upd of ["divergesAtTrigger", "overflowsAtTrigger"]) {
    it(`(${upd}) stop the run, unless it says otherwise`, async () => {
      const { code } = await failure(triggered(upd));
      expect(code).toBe(upd === "divergesAtTrigger" ? "TRAINING_DIVERGED" : "USER_FUNCTION_INVALID");
    });

    it(`(${upd}) skip: the update that they are part of is left out`, async () => {
      const result = await paramserv(triggered(upd, { nonfinite: "skip" }));
      expect(result.status).toBe("completed");
      expect(valuesOf(result, "rows")).toEqual([12]);
      expect(valuesOf(result, "sum").every(Number.isFinite)).toBe(true);
      expect(result.statistics.skipped_batches).toBe(2);
    });

    it(`(${upd}) skip, under ASP: only the push is left out`, async () => {
      const result = await paramserv(triggered(upd, { nonfinite: "skip", utype: "ASP" }));
      expect(valuesOf(result, "rows")).toEqual([20]);
    });

    it(`(${upd}) restore: the weights go back to those of the last capture`, async () => {
      const { features, labels } = countingRun(5);
      const val = { val: userFunction("countsRows"), val_features: features, val_labels: labels };
      expect(valuesOf(await paramserv(triggered(upd, { nonfinite: "restore" })), "rows")).toEqual([0]);
      const changes = { nonfinite: "restore", ...val, hyperparams: { trigger: 0 } } as const;
      // Row 0 is in the first update of an epoch: what the second counts stays and is captured.
      const result = await paramserv(triggered(upd, { ...changes, epochs: 3 }));
      expect(valuesOf(result, "rows")).toEqual([18]);
      expect(result.epochs.map(({ validation }) => validation?.loss)).toEqual([-6, -12, -18]);
    });
  }

  it("skip, in one batch of a push of several: the others count", async () => {
    const result = await paramserv(triggered("divergesAtTrigger", { nonfinite: "skip", freq: "EPOCH" }));
    expect(valuesOf(result, "rows")).toEqual([20]);
    expect(result.statistics.skipped_batches).toBe(2);
  });

  it("in every update end the run, whatever it says", async () => {
    const upd = userFunction("diverges");
    const { message } = await failure(countingRun(60, { upd, nonfinite: "skip", freq: "BATCH", epochs: 10 }));
    expect(message).toContain("losses or gradients of 20 updates in a row are not finite numbers");
  });

  it("of the last update are found", async () => {
    const agg = sgd({ learningRate: 1e38 });
    const options = leastSquaresRun(4, { k: 1, batchsize: 4, epochs: 1, agg });
    const { code } = await failure({ ...options, model: { w: { shape: [5], data: noise(5, 3).map((v) => v * 100) } } });
    expect(code).toBe("TRAINING_DIVERGED");
  });
});
