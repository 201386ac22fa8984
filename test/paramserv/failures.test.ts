import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isBaseError, type ParamservOptions, paramserv } from "paramserv";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { type ArrayRun, abortWhenMade, countingRun, functions, liveWorkers, userFunction } from "./fixtures.js";

/** Longest time from a failure to the end of the run, milliseconds; generous for a loaded machine. */
const bound = 5000;

const directory = mkdtempSync(join(tmpdir(), "paramserv-test-"));
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => {
  expect(liveWorkers()).toBe(0);
});

/** 12 rows in 3 workers, contiguous, batches of 2: row 6 (values 18 …) is in batch 2 of worker 1. */
const triggered = (name: string, changes: Partial<ArrayRun> = {}) =>
  countingRun(12, { upd: userFunction(name), hyperparams: { trigger: 18 }, freq: "BATCH", utype: "BSP", ...changes });

async function failure(
  options: ParamservOptions,
): Promise<{ message: string; code: string; file: string; line: number }> {
  const start = performance.now();
  try {
    await paramserv(options);
  } catch (error) {
    expect(performance.now() - start).toBeLessThan(bound);
    if (!isBaseError(error)) throw error;
    const { at } = error.problems[0] ?? {};
    return { message: error.message, code: error.code, file: at?.file ?? "", line: at?.line ?? 0 };
  }
  throw new Error("the run did not fail");
}

describe("a user function that throws", () => {
  for (const utype of ["BSP", "ASP"] as const) {
    it(`ends a ${utype} run of three workers with its text, its place, and the worker, epoch and batch`, async () => {
      const { message, code, file, line } = await failure(triggered("throwsAtTrigger", { utype }));
      expect(message).toContain(
        'function "throwsAtTrigger" threw in worker 1, epoch 1, batch 2: TypeError: these rows are bad',
      );
      expect(code).toBe("USER_FUNCTION_FAILED");
      expect(file).toMatch(/test\/paramserv\/functions\.mjs$/);
      expect(line).toBeGreaterThan(1);
    });
  }

  it("where no caller can catch it ends the run with its text and place", async () => {
    const { message, file } = await failure(triggered("throwsLaterAtTrigger"));
    expect(message).toContain("worker 1 failed: Error: nobody catches this");
    expect(file).toMatch(/functions\.mjs$/);
  });
});

describe("a worker that ends", () => {
  it("by process.exit in a user function ends the run with worker and exit status", async () => {
    const { message, code } = await failure(triggered("exitsAtTrigger"));
    expect(message).toContain("worker 1 ended with exit status 7 before its work was done");
    expect(code).toBe("WORKER_FAILED");
  });

  it("while starting ends the run", async () => {
    const upd = { module: "data:text/javascript,process.exit(4); export const f = 1", name: "f" };
    const { message } = await failure(countingRun(6, { upd }));
    expect(message).toMatch(/worker \d ended with exit status 4 before its work was done/);
  });
});

describe("a function that cannot be loaded", () => {
  const cases: readonly (readonly [string, () => ParamservOptions, RegExp])[] = [
    [
      "because its module is missing",
      () => countingRun(6, { upd: { module: `${functions}.none`, name: "f" } }),
      /USER_FUNCTION_MISSING: module file:.*functions\.mjs\.none of function "f" cannot be loaded: .*Cannot find module/,
    ],
    [
      "because its module does not export it",
      () => countingRun(6, { agg: userFunction("addd") }),
      /exports no function "addd"\n {2}hint: functions that it exports: .*add, /,
    ],
    [
      "because the export is no function",
      () => countingRun(6, { upd: userFunction("notAFunction") }),
      /exports no function "notAFunction"/,
    ],
    [
      "because its module has a syntax error",
      () => {
        const file = join(directory, "broken.mjs");
        writeFileSync(file, "export const f = 1;\nexport const g = = 2;\n");
        return countingRun(6, { upd: { module: pathToFileURL(file).href, name: "f" } });
      },
      /broken\.mjs.* of function "f" cannot be loaded: SyntaxError/,
    ],
  ];
  for (const [name, options, expected] of cases) {
    it(`${name} ends the run and says so`, async () => {
      expect((await failure(options())).message).toMatch(expected);
    });
  }
});

describe("a user function that returns something else than its contract says", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["nothing", /function "nothing" returned no object with `gradients` by parameter in worker \d, epoch 1, batch 1/],
    ["forgetsRows", /returned no gradient for parameter "rows"/],
    ["misspells", /returned a gradient "summ" that the model does not have \(it has sum, rows\)/],
    ["tooLong", /returned 2 values for parameter "rows"; its shape \[1\] has 1/],
    ["notFloats", /returned no { shape, data: Float32Array } for parameter "rows"/],
    ["notFinite", /returned NaN at index 0 of parameter "rows"/],
    ["badScalar", /returned a scalar "loss" that is not a number/],
  ];
  for (const [name, expected] of cases) {
    it(`(${name}) ends the run and names function, module and parameter`, async () => {
      const { message, code, file } = await failure(countingRun(6, { upd: userFunction(name) }));
      expect(message).toMatch(expected);
      expect(code).toBe("USER_FUNCTION_INVALID");
      expect(file).toMatch(/functions\.mjs$/);
    });
  }

  it("is found in agg too", async () => {
    const { message } = await failure(countingRun(6, { agg: userFunction("aggregatesToNaN"), freq: "BATCH" }));
    expect(message).toMatch(
      /function "aggregatesToNaN" returned NaN at index 0 of parameter "rows" in worker \d, update 1/,
    );
  });
});

describe("a loss that is not finite", () => {
  it("ends the run with epoch and batch and advice", async () => {
    const { message, code } = await failure(countingRun(6, { upd: userFunction("diverges"), freq: "BATCH" }));
    expect(message).toMatch(
      /the loss is NaN in worker \d, epoch 1, batch 1; expected a finite number\n {2}hint: lower the learning rate/,
    );
    expect(code).toBe("TRAINING_DIVERGED");
  });
});

describe("an abort", () => {
  const aborting = (options: ParamservOptions, when: string) => {
    const controller = new AbortController();
    let at = 0;
    const onEvent = ({ event }: { readonly event: string }): void => {
      if (event !== when || at > 0) return;
      at = performance.now();
      controller.abort();
    };
    return { run: paramserv({ ...options, signal: controller.signal, onEvent }), took: () => performance.now() - at };
  };

  for (const [utype, freq] of [
    ["BSP", "BATCH"],
    ["ASP", "BATCH"],
    ["BSP", "EPOCH"],
  ] as const) {
    it(`in the middle of a ${utype} run with freq ${freq} ends it with the model of the last update`, async () => {
      const { run, took } = aborting(countingRun(9, { utype, freq, epochs: 1_000_000 }), "progress");
      const { status, model, statistics } = await run;
      expect(took()).toBeLessThan(2500);
      expect(status).toBe("aborted");
      // Whole updates only: as many rows in the model as were counted.
      expect([...(model.rows?.data ?? [])]).toEqual([statistics.samples]);
    });
  }

  it("ends a run whose function hangs, by force", async () => {
    const marker = join(directory, "upd-hangs");
    const { signal, took } = abortWhenMade(marker);
    const { status } = await paramserv(triggered("hangsAtTrigger", { hyperparams: { trigger: 18, marker }, signal }));
    expect(status).toBe("aborted");
    expect(took()).toBeLessThan(bound);
  });

  it("ends a run whose aggregation hangs, with the model untouched", async () => {
    const marker = join(directory, "agg-hangs");
    const { signal, took } = abortWhenMade(marker);
    const options = triggered("columnSums", { agg: userFunction("hangs"), hyperparams: { marker }, signal });
    const { status, model } = await paramserv(options);
    expect(status).toBe("aborted");
    expect([...(model.rows?.data ?? [])]).toEqual([0]);
    expect(took()).toBeLessThan(bound);
  });

  it("before the start returns the initial model", async () => {
    const { status, model, epochs } = await paramserv({ ...countingRun(9), signal: AbortSignal.abort() });
    expect({ status, epochs }).toEqual({ status: "aborted", epochs: [] });
    expect([...(model.rows?.data ?? [])]).toEqual([0]);
  });

  it("while the workers start ends the run", async () => {
    const controller = new AbortController();
    const run = paramserv({ ...countingRun(9), signal: controller.signal });
    controller.abort();
    expect((await run).status).toBe("aborted");
  });
});

describe("an onEvent that throws", () => {
  it("ends the run with that very error", async () => {
    const mine = new Error("mine");
    const onEvent = ({ event }: { readonly event: string }) => {
      if (event === "epoch") throw mine;
    };
    await expect(paramserv({ ...countingRun(9), onEvent })).rejects.toBe(mine);
  });
});
