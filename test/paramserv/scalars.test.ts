import { describe, expect, it } from "vitest";
import { meansOf, ScalarSums, totalLoss, userLosses } from "../../runtime/paramserv/scalars.js";
import { Recorder } from "../../runtime/paramserv/statistics/recorder.js";
import type { TrainingEvent } from "../../runtime/paramserv/types.js";

const losses = [
  { name: "class", factor: 1 },
  { name: "mask", factor: 0.5 },
];
const one = [{ name: "xent", factor: 2 }];

describe("scalars as sums and weights", () => {
  it("have the mean over all that weighs, however batches are cut", () => {
    const sums = new ScalarSums();
    sums.add({ rows: 3, scalars: { mask: { sum: 6, weight: 1 }, class: { sum: 3, weight: 3 } } });
    sums.add({ rows: 1, scalars: { mask: { sum: 0, weight: 0 }, class: { sum: 5, weight: 1 } } });
    sums.add({ rows: 2, scalars: { mask: { sum: 2, weight: 3 }, class: { sum: 1, weight: 2 } } });
    expect(sums.rows).toBe(6);
    expect(sums.scalars).toEqual({ mask: { sum: 8, weight: 4 }, class: { sum: 9, weight: 6 } });
    expect(meansOf(losses, sums.scalars)).toEqual({ loss: 1.5 + 0.5 * 2, mask: 2, class: 1.5 });
  });

  it("tell the only loss as the total, metrics by name, and several losses by name too", () => {
    const scalars = { xent: { sum: 6, weight: 4 }, accuracy: { sum: 3, weight: 4 } };
    expect(meansOf(one, scalars)).toEqual({ loss: 3, accuracy: 0.75 });
    expect(Object.keys(meansOf(one, scalars))).toEqual(["loss", "accuracy"]);
    expect(meansOf(userLosses, { loss: { sum: 6, weight: 4 } })).toEqual({ loss: 1.5 });
  });

  it("leave out what has no weight; the total is that of the losses that have some", () => {
    const scalars = { class: { sum: 4, weight: 2 }, mask: { sum: 0, weight: 0 }, accuracy: { sum: 0, weight: 0 } };
    expect(meansOf(losses, scalars)).toEqual({ loss: 2, class: 2 });
    expect(meansOf(losses, { mask: { sum: 0, weight: 0 } })).toEqual({});
    expect(totalLoss(losses, { mask: { sum: 0, weight: 0 } })).toBeUndefined();
  });

  it("show a sum that is not finite, whatever its weight", () => {
    expect(totalLoss(losses, { class: { sum: 1, weight: 1 }, mask: { sum: Number.NaN, weight: 0 } })).toBeNaN();
    expect(totalLoss(losses, { class: { sum: Number.POSITIVE_INFINITY, weight: 2 } })).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("the record of an epoch", () => {
  /** One epoch of two pushes, validated; the loss `mask` weighs on few rows. */
  function recorded(weight: number) {
    const events: TrainingEvent[] = [];
    let seconds = 0;
    const now = () => {
      seconds += 1;
      return seconds;
    };
    const emit = (event: TrainingEvent) => events.push(event);
    const common = { epochRows: 6, epochs: 1, workers: 2, overlapsValidation: false, now, emit };
    const rateAt = (iteration: number) => 0.5 ** iteration;
    const recorder = new Recorder({ ...common, losses, validationLosses: losses, rateAt });
    recorder.begin();
    const pushed = [
      { class: { sum: 8, weight: 4 }, mask: { sum: weight, weight } },
      { class: { sum: 1, weight: 2 }, mask: { sum: 0, weight: 0 } },
    ];
    recorder.learned({ rows: 4, scalars: pushed[0] ?? {} });
    const contributions = pushed.map((scalars, worker) => {
      const figures = { scalars, skipped: 0 };
      return { slot: worker, worker, rows: worker === 0 ? 4 : 2, batches: 1, staleness: 0, figures };
    });
    recorder.updated({ iteration: 3, contributions });
    recorder.epochEnd(1, true);
    recorder.validated({ rows: 2, scalars: { class: { sum: 4, weight: 2 }, mask: { sum: 6, weight: 2 } } });
    return { events, epochs: recorder.end().epochs };
  }

  it("has the total, each of several losses, and those of the validation; progress has them too", () => {
    const { epochs, events } = recorded(3);
    const { samples_per_second: _rate, seconds: _seconds, ...figures } = epochs[0] ?? {};
    expect(figures).toEqual({
      epoch: 1,
      updates: 1,
      learning_rate: 0.125,
      train: { loss: 1.5 + 0.5, class: 1.5, mask: 1 },
      validation: { loss: 2 + 0.5 * 3, class: 2, mask: 3 },
    });
    expect(events[0]).toMatchObject({
      event: "progress",
      updates: 0,
      learning_rate: 1,
      train: { loss: 2 + 0.5, class: 2, mask: 1 },
    });
  });

  it("leaves out a loss in which no row weighed anything", () => {
    expect(recorded(0).epochs[0]?.train).toEqual({ loss: 1.5, class: 1.5 });
  });
});
