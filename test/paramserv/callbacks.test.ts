import { type EpochRecord, isBaseError, type ParamservOptions, paramserv, type StepRecord } from "paramserv";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { EarlyStop } from "../../runtime/paramserv/early-stopping.js";
import { type ArrayRun, countingRun, liveWorkers, userFunction } from "./fixtures.js";

const unhandled: unknown[] = [];
const note = (reason: unknown): void => {
  unhandled.push(reason);
};
beforeAll(() => {
  process.on("unhandledRejection", note);
});
afterAll(() => {
  process.off("unhandledRejection", note);
});
afterEach(async () => {
  await new Promise(setImmediate);
  expect(unhandled).toEqual([]);
  expect(liveWorkers()).toBe(0);
});

const run = (changes: Partial<ArrayRun> = {}) =>
  paramserv(countingRun(12, { utype: "BSP", freq: "BATCH", k: 2, epochs: 4, ...changes }));

async function failure(options: ParamservOptions): Promise<string> {
  try {
    await paramserv(options);
  } catch (error) {
    if (!isBaseError(error)) throw error;
    return error.message;
  }
  throw new Error("the run did not fail");
}

const later = () => new Promise((resolve) => setTimeout(resolve, 1));

describe("a callback that fails", () => {
  const mine = new Error("mine");
  const rejects = async (): Promise<void> => {
    await later();
    throw mine;
  };
  const throws = (): never => {
    throw mine;
  };
  for (const name of ["onEpoch", "onStep", "onEvent"] as const) {
    it(`${name}: what it throws is the run's error`, async () => {
      await expect(run({ [name]: throws })).rejects.toBe(mine);
    });
    it(`${name}: what it rejects with is the run's error, and no unhandled rejection`, async () => {
      await expect(run({ [name]: rejects })).rejects.toBe(mine);
    });
  }

  it("after the last epoch fails the run, too", async () => {
    const onEpoch = async ({ epoch }: EpochRecord): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      if (epoch === 2) throw mine;
    };
    await expect(run({ epochs: 2, onEpoch })).rejects.toBe(mine);
  });

  it("does not hide behind another error, nor another behind it", async () => {
    const first = new Error("first");
    const onEpoch = (): never => {
      throw first;
    };
    await expect(run({ onEpoch, onStep: rejects, epochs: 1 })).rejects.toBeInstanceOf(Error);
  });

  it("that is a promise of another make is awaited as any", async () => {
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tried.
    const thenable = { then: (_resolve: () => void, reject: (error: Error) => void) => reject(mine) };
    await expect(run({ onEpoch: () => thenable as unknown as Promise<void> })).rejects.toBe(mine);
  });
});

describe("callbacks", () => {
  it("hear of every epoch and every update, in order", async () => {
    const epochs: EpochRecord[] = [];
    const steps: StepRecord[] = [];
    const result = await run({
      onEpoch: (epoch) => void epochs.push(epoch),
      onStep: (step) => void steps.push(step),
    });
    expect(epochs).toEqual(result.epochs);
    expect(steps.map(({ update }) => update)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    expect(steps.map(({ epoch }) => epoch)).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
    expect(steps.map(({ rows }) => rows)).toEqual(new Array(12).fill(4));
    expect(steps.every(({ train }) => train.loss === 2)).toBe(true);
  });

  for (const [how, onEpoch] of [
    ["returns", ({ epoch }: EpochRecord) => (epoch === 2 ? "stop" : undefined)],
    ["resolves to", async ({ epoch }: EpochRecord) => (epoch === 2 ? "stop" : undefined)],
  ] as const) {
    it(`complete the run early where onEpoch ${how} "stop"`, async () => {
      const { status, epochs, model, statistics } = await run({ onEpoch, epochs: 1000 });
      expect(status).toBe("completed");
      expect(epochs.length).toBeGreaterThanOrEqual(2);
      expect(epochs.length).toBeLessThan(1000);
      expect([...(model.rows?.data ?? [])]).toEqual([statistics.samples]);
      if (how === "returns") expect(epochs).toHaveLength(2);
    });
  }

  it('complete the run early where onStep returns "stop"', async () => {
    const onStep = ({ update }: StepRecord) => (update === 5 ? "stop" : undefined);
    const { status, statistics } = await run({ onStep, epochs: 1000 });
    expect(status).toBe("completed");
    expect(statistics.updates).toBe(5);
  });

  it('change nothing where they return "stop" at the end', async () => {
    const { status, statistics } = await run({ onEpoch: ({ epoch }) => (epoch === 4 ? "stop" : undefined) });
    expect({ status, updates: statistics.updates }).toEqual({ status: "completed", updates: 12 });
  });

  it("may abort the run by its signal", async () => {
    const controller = new AbortController();
    const onStep = ({ update }: StepRecord): void => {
      if (update === 5) controller.abort();
    };
    const { status, model, statistics } = await run({ signal: controller.signal, onStep, epochs: 1000 });
    expect(status).toBe("aborted");
    expect([...(model.rows?.data ?? [])]).toEqual([statistics.samples]);
  });
});

describe("early stopping", () => {
  const { features, labels } = countingRun(5);
  const validation = { val_features: features, val_labels: labels, val: userFunction("countsRows") };

  it("completes the run after `patience` epochs without a better loss", async () => {
    const upd = userFunction("settlesAt");
    // The loss of an epoch is that of the rows before it: 0 … −36 and no lower.
    const hyperparams = { best: 36 };
    const options = { upd, hyperparams, k: 1, batchsize: 12, epochs: 100 };
    for (const [patience, length] of [
      [0, 5],
      [1, 5],
      [3, 7],
    ] as const) {
      const { status, epochs, statistics } = await run({ ...options, earlyStopping: { patience } });
      expect(status).toBe("completed");
      expect(epochs).toHaveLength(length);
      expect(statistics.updates).toBe(length);
    }
  });

  it("looks at the validation where there is one, at the figure it is told", async () => {
    const falls = await run({ ...validation, epochs: 6, earlyStopping: { patience: 2 } });
    expect(falls.epochs).toHaveLength(6);
    const stays = await run({ ...validation, epochs: 6, earlyStopping: { monitor: "rows", patience: 2 } });
    expect(stays.epochs).toHaveLength(3);
    expect(stays.epochs.map(({ validation: means }) => means)).toEqual([
      { loss: -12, rows: 5 },
      { loss: -24, rows: 5 },
      { loss: -36, rows: 5 },
    ]);
    const rising = await run({ ...validation, epochs: 6, earlyStopping: { mode: "max" } });
    expect(rising.epochs).toHaveLength(2);
  });

  it("counts as Keras' EarlyStopping does", () => {
    const stopsAfter = (losses: readonly number[], patience: number, minDelta = 0): number => {
      const stop = new EarlyStop({ patience, minDelta });
      return losses.findIndex((loss) => stop.isEnough({ train: { loss } } as unknown as EpochRecord)) + 1;
    };
    // By the rule of keras.callbacks.EarlyStopping (on_epoch_end, without baseline); 0 is no stop.
    expect(stopsAfter([5, 4, 4, 4, 4], 0)).toBe(3);
    expect(stopsAfter([5, 4, 4, 4, 4], 2)).toBe(4);
    expect(stopsAfter([5, 6, 4, 7, 3, 8], 2)).toBe(0);
    expect(stopsAfter([5, 6, 5, 4], 2)).toBe(3);
    expect(stopsAfter([5, 4.95, 4.9, 4.85], 2, 0.1)).toBe(3);
    expect(stopsAfter([5, 4.8, 4.6, 4.4], 1, 0.1)).toBe(0);
  });

  it("on a figure that there never is, is an error that names those that there are", async () => {
    const options = countingRun(12, { utype: "BSP", epochs: 3, earlyStopping: { monitor: "acuracy" } });
    expect(await failure(options)).toMatch(/earlyStopping.*"acuracy".*loss/s);
  });
});

describe("val as a user function", () => {
  const { features, labels } = countingRun(5);
  for (const name of ["countsRows", "countsLater"]) {
    for (const utype of ["BSP", "ASP", "SSP"] as const) {
      it(`(${name}) gets the weights at the end of each epoch and all validation rows: ${utype}`, async () => {
        const val = { val: userFunction(name), val_features: features, val_labels: labels };
        const { epochs } = await run({ ...val, utype, k: 3, epochs: 3 });
        expect(epochs.map(({ validation }) => validation?.rows)).toEqual([5, 5, 5]);
        const counted = epochs.map(({ validation }) => -(validation?.loss ?? 0));
        if (utype === "BSP") expect(counted).toEqual([12, 24, 36]);
        else for (const [index, rows] of counted.entries()) expect(rows).toBeGreaterThanOrEqual(12 * (index + 1));
      });
    }
  }
});

describe("user functions that behave badly", () => {
  it("throw an object without prototype: told as it is", async () => {
    const message = await failure(countingRun(4, { upd: userFunction("throwsBare") }));
    expect(message).toMatch(/function "throwsBare" threw in worker \d, epoch 1, batch 1: .*reason: 'no prototype'/);
  });

  it("throw an error whose message cannot be read, or nothing at all", async () => {
    expect(await failure(countingRun(4, { upd: userFunction("throwsTrap") }))).toMatch(/"throwsTrap" threw in worker/);
    expect(await failure(countingRun(4, { agg: userFunction("throwsUndefined") }))).toMatch(
      /function "throwsUndefined" threw in worker \d, update 1: undefined/,
    );
  });

  it("post messages of their own in agg", async () => {
    expect(await failure(countingRun(4, { agg: userFunction("addsAndPosts") }))).toMatch(
      /worker \d posted a message of its own/,
    );
  });

  it("hold timers, which do not delay the end", async () => {
    let lastEpochAt = Number.POSITIVE_INFINITY;
    const onEpoch = (): void => {
      lastEpochAt = performance.now();
    };
    const { status } = await run({ upd: userFunction("keepsTime"), onEpoch });
    expect(status).toBe("completed");
    // Threads that are waited for in vain are ended after 5 s.
    expect(performance.now() - lastEpochAt).toBeLessThan(2500);
  });
});
