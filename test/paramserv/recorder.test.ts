import { describe, expect, it } from "vitest";
import type { Seconds } from "../../runtime/paramserv/figures.js";
import { Curve, mostPoints } from "../../runtime/paramserv/statistics/curve.js";
import type { RunFold } from "../../runtime/paramserv/statistics/fold.js";
import { type RecordedPush, Recorder, type RecorderOptions } from "../../runtime/paramserv/statistics/recorder.js";
import type { TrainingEvent } from "../../runtime/paramserv/types.js";

const losses = [{ name: "xent", factor: 1 }];

/** A clock that is set by hand. */
function clock(start = 0) {
  const time = { seconds: start };
  return { time, now: () => time.seconds };
}

function recording(options: Partial<RecorderOptions> = {}, earlier?: RunFold) {
  const events: TrainingEvent[] = [];
  const { time, now } = clock(options.startedAt ?? 0);
  const recorder = new Recorder(
    {
      ...{ epochRows: 8, epochs: 3, workers: 2, overlapsValidation: false, losses, validationLosses: losses },
      rateAt: (iteration) => 1 / (1 + iteration),
      now,
      emit: (event) => events.push(event),
      ...options,
    },
    earlier,
  );
  return { recorder, events, time };
}

const seconds = (changes: Partial<Seconds> = {}): Seconds => ({
  ...{ load: 0, pull: 0, compute: 0, push: 0, update: 0, wait: 0, validation: 0 },
  ...changes,
});

const account = (changes: Partial<Seconds>, bytes = { pulled: 0, pushed: 0 }) => ({ seconds: seconds(changes), bytes });

const push = (changes: Partial<RecordedPush> = {}): RecordedPush => {
  const scalars = { xent: { sum: 2, weight: 4 } };
  return { slot: 0, worker: 0, rows: 4, batches: 1, staleness: 0, figures: { scalars, skipped: 0 }, ...changes };
};

/** A JSON text of the fold, as a checkpoint holds it, and back; all numbers here are finite. */
const copied = (fold: RunFold): RunFold => JSON.parse(JSON.stringify(fold));

describe("what workers say of themselves", () => {
  it("is kept as they said it last, and added up over incarnations", () => {
    const { recorder } = recording();
    recorder.heard({ worker: 1, incarnation: 0 }, account({ load: 1, compute: 5 }, { pulled: 100, pushed: 10 }));
    recorder.heard({ worker: 1, incarnation: 0 }, account({ load: 2, compute: 8 }, { pulled: 150, pushed: 20 }));
    // A message that came late says less.
    recorder.heard({ worker: 1, incarnation: 0 }, account({ load: 1, compute: 6 }, { pulled: 120, pushed: 15 }));
    recorder.heard({ worker: 1, incarnation: 3 }, account({ load: 0.5, compute: 1 }, { pulled: 7, pushed: 3 }));
    // Of one that is gone.
    recorder.heard({ worker: 1, incarnation: 0 }, account({ load: 99 }, { pulled: 999, pushed: 999 }));
    const { statistics } = recorder.end();
    expect(statistics.by_worker).toHaveLength(2);
    expect(statistics.by_worker[0]).toMatchObject({ worker: 0, incarnations: 0, load_seconds: 0 });
    expect(statistics.by_worker[1]).toMatchObject({
      ...{ worker: 1, incarnations: 2, load_seconds: 2.5, compute_seconds: 9, bytes_pulled: 157, bytes_pushed: 23 },
    });
    expect(statistics).toMatchObject({ load_seconds: 2.5, compute_seconds: 9, bytes_pulled: 157, bytes_pushed: 23 });
    expect(statistics.waiting_for_data).toBeCloseTo(2.5 / 11.5, 12);
  });

  it("has each activity in a place of its own", () => {
    const { recorder } = recording();
    const each = { load: 1, pull: 2, compute: 4, push: 8, update: 16, wait: 32, validation: 64 };
    recorder.heard({ worker: 0, incarnation: 0 }, account(each));
    const expected = {
      ...{ load_seconds: 1, pull_seconds: 2, compute_seconds: 4, push_seconds: 8 },
      ...{ update_seconds: 16, wait_seconds: 32, validation_seconds: 64 },
    };
    const { statistics } = recorder.end();
    expect(statistics).toMatchObject(expected);
    expect(statistics.by_worker[0]).toMatchObject(expected);
    expect(statistics.waiting_for_data).toBeCloseTo(1 / 127, 12);
  });
});

describe("what is applied, dropped and lost", () => {
  it("is counted by worker and in all", () => {
    const { recorder, time } = recording();
    time.seconds = 1;
    recorder.begin();
    recorder.leased({ worker: 0, incarnation: 0 }, 1);
    recorder.updated({
      iteration: 0,
      contributions: [push({ staleness: 2 }), push({ slot: 2, worker: 2, rows: 3, batches: 2 })],
    });
    recorder.updated({
      iteration: 1,
      contributions: [push({ staleness: 400 }), push({ staleness: 15 }), push({ staleness: 16 })],
    });
    recorder.dropped({ slot: 1, rows: 5 });
    recorder.dropped({ slot: 2, rows: 6 });
    recorder.lost();
    recorder.saved(0.25);
    recorder.saved(0.5);
    time.seconds = 3;
    const { statistics } = recorder.end();
    expect(recorder.progress).toEqual({ updates: 2, rows: 19 + 11 });
    expect(statistics).toMatchObject({
      ...{ updates: 2, pushes: 5, samples: 19, mean_staleness: 433 / 5, max_staleness: 400 },
      ...{ dropped_pushes: 2, dropped_samples: 11, lost_workers: 1, checkpoints: 2, checkpoint_seconds: 0.75 },
      ...{ seconds: 3, setup_seconds: 1, samples_per_second: 19 / 2 },
    });
    const [first, second, third] = statistics.by_worker;
    const bins = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2];
    expect(first).toMatchObject({ steps: 4, samples: 16, samples_per_second: 8, staleness: bins, dropped: 1 });
    expect(second).toMatchObject({ steps: 0, samples: 0, staleness: [], dropped: 0 });
    // Who pushed for a slot last is who holds it.
    expect(third).toMatchObject({ steps: 2, samples: 3, staleness: [1], dropped: 1 });
  });

  it("has the batches that were skipped", () => {
    const { recorder } = recording();
    const figures = { scalars: {}, skipped: 2 };
    recorder.updated({ iteration: 0, contributions: [push({ figures }), push()] });
    recorder.updated({ iteration: 1, contributions: [push({ figures })] });
    expect(recorder.end().statistics.skipped_batches).toBe(4);
  });

  it("is nothing where nothing happened", () => {
    const { statistics, epochs, curve } = recording().recorder.end();
    expect({ epochs, curve }).toEqual({ epochs: [], curve: [] });
    expect(statistics).toMatchObject({ samples_per_second: 0, mean_staleness: 0, waiting_for_data: 0, by_worker: [] });
  });
});

describe("the time of a run", () => {
  const epoch = (recorder: Recorder) => {
    recorder.updated({ iteration: 0, contributions: [push({ rows: 8 })] });
  };

  it("leaves out of learning what is set-up, and validations that hold learning up", () => {
    for (const overlapsValidation of [false, true]) {
      const { recorder, time } = recording({ overlapsValidation });
      time.seconds = 2;
      recorder.begin();
      time.seconds = 3;
      recorder.begin();
      time.seconds = 6;
      epoch(recorder);
      recorder.epochEnd(1, true);
      time.seconds = 7;
      recorder.validated({ rows: 1, scalars: { xent: { sum: 1, weight: 1 } } });
      time.seconds = 10;
      epoch(recorder);
      recorder.epochEnd(2, false);
      const { epochs, statistics } = recorder.end();
      const pause = overlapsValidation ? 0 : 1;
      expect(statistics).toMatchObject({ seconds: 10, setup_seconds: 2, samples_per_second: 16 / (8 - pause) });
      expect(epochs.map(({ seconds, samples_per_second }) => [seconds, samples_per_second])).toEqual([
        [5, 8 / 4],
        [4 - pause, 8 / (4 - pause)],
      ]);
    }
  });

  it("of a run that never began is set-up", () => {
    const { recorder, time } = recording();
    time.seconds = 4;
    expect(recorder.end().statistics).toMatchObject({ seconds: 4, setup_seconds: 4, samples_per_second: 0 });
  });

  it("goes on where the checkpoint was; what is between the sessions does not count", () => {
    const first = recording({ startedAt: 100 });
    first.time.seconds = 102;
    first.recorder.begin();
    first.time.seconds = 106;
    epoch(first.recorder);
    first.recorder.epochEnd(1, true);
    const fold = copied(first.recorder.save());
    first.time.seconds = 500;

    const second = recording({ startedAt: 7000 }, fold);
    second.time.seconds = 7003;
    // A session that ends before it begins leaves the clock alone.
    expect(copied(second.recorder.save())).toEqual(fold);
    second.recorder.begin();
    second.time.seconds = 7004;
    second.recorder.validated({ rows: 1, scalars: { xent: { sum: 1, weight: 1 } } });
    second.time.seconds = 7009;
    epoch(second.recorder);
    second.recorder.epochEnd(2, false);
    const { epochs, statistics } = second.recorder.end();
    // 2 + 3 of set-up, 4 + 5 of learning, 1 of validation.
    expect(statistics).toMatchObject({ seconds: 15, setup_seconds: 5, samples_per_second: 16 / 9 });
    expect(epochs.map((record) => record.seconds)).toEqual([5, 5]);
    expect(epochs[0]?.validation).toEqual({ loss: 1 });

    const third = recording({}, copied(second.recorder.save()));
    third.recorder.begin();
    expect(third.recorder.end().statistics).toMatchObject({
      seconds: 15,
      setup_seconds: 5,
      samples_per_second: 16 / 9,
    });
  });
});

describe("progress", () => {
  it("is told ten times a second at most, by what was learned from and what is done with", () => {
    const { recorder, events, time } = recording();
    recorder.begin();
    const told = () => events.filter(({ event }) => event === "progress").length;
    time.seconds = 1;
    recorder.learned({ rows: 4, scalars: { xent: { sum: 2, weight: 4 } } });
    time.seconds = 1.09;
    recorder.learned({ rows: 2, scalars: { xent: { sum: 6, weight: 2 } } });
    expect(told()).toBe(1);
    time.seconds = 1.5;
    recorder.learned({ rows: 0, scalars: {} });
    expect(told()).toBe(2);
    expect(events.at(-1)).toEqual({
      ...{ event: "progress", epoch: 1, updates: 0, samples: 6, total_samples: 24, learning_rate: 1 },
      train: { loss: 8 / 6 },
      samples_per_second: 4,
      seconds_left: 18 / 4,
    });
    recorder.dropped({ slot: 0, rows: 20 });
    time.seconds = 2;
    recorder.learned({ rows: 0, scalars: {} });
    expect(events.at(-1)).toMatchObject({ samples: 20, seconds_left: 4 / 10 });
    recorder.dropped({ slot: 0, rows: 20 });
    time.seconds = 3;
    recorder.learned({ rows: 0, scalars: {} });
    expect(events.at(-1)).toMatchObject({ samples: 24, seconds_left: 0 });
  });

  it("counts the epoch that is learned from, also while the one before is validated", () => {
    const { recorder, events, time } = recording({ overlapsValidation: true });
    const epochs = [0, 1, 2].map((epoch) => {
      recorder.epochEnd(epoch + 1, true);
      time.seconds += 1;
      recorder.learned({ rows: 1, scalars: {} });
      const { epoch: told } = events.at(-1) as Extract<TrainingEvent, { event: "progress" }>;
      recorder.validated({ rows: 1, scalars: {} });
      return told;
    });
    expect(epochs).toEqual([2, 3, 3]);
  });
});

describe("a fold that is saved and goes on", () => {
  /** One call after another, as a server makes them under BSP with two workers. */
  const calls: readonly ((recorder: Recorder) => void)[] = Array.from({ length: 3 }, (_, epoch) => [
    ...[0, 1].map((round) => (recorder: Recorder) => {
      for (const worker of [0, 1]) recorder.learned({ rows: 2, scalars: { xent: { sum: worker + round, weight: 2 } } });
      const contributions = [0, 1].map((worker) => {
        const figures = { scalars: { xent: { sum: 0.1 * worker + epoch, weight: 2 } }, skipped: worker };
        return push({ slot: worker, worker, rows: 2, staleness: epoch, figures });
      });
      recorder.updated({ iteration: 2 * epoch + round, contributions });
    }),
    (recorder: Recorder) => recorder.epochEnd(epoch + 1, true),
    (recorder: Recorder) => recorder.dropped({ slot: 1, rows: 1 }),
    (recorder: Recorder) => recorder.validated({ rows: 2, scalars: { xent: { sum: epoch, weight: 2 } } }),
  ]).flat();

  /** All but seconds, rates by seconds, and what was started how often. */
  const figures = (recorder: Recorder) => {
    const timeless = (value: unknown): unknown =>
      JSON.parse(
        JSON.stringify(value, (name, one) =>
          /seconds|_per_second|incarnations|waiting/.test(name) ? undefined : (one as unknown),
        ),
      );
    return timeless(recorder.end());
  };

  it("ends as one that was never stopped, wherever that was", () => {
    const whole = recording();
    whole.recorder.begin();
    for (const call of calls) call(whole.recorder);
    for (let stop = 0; stop <= calls.length; stop++) {
      const first = recording();
      first.recorder.begin();
      for (const call of calls.slice(0, stop)) call(first.recorder);
      // Learned from and not applied: lost with the session.
      first.recorder.learned({ rows: 2, scalars: { xent: { sum: 77, weight: 2 } } });
      const second = recording({}, copied(first.recorder.save()));
      second.recorder.begin();
      for (const call of calls.slice(stop)) call(second.recorder);
      expect(figures(second.recorder), `stopped after ${stop} calls`).toEqual(figures(whole.recorder));
    }
    expect(whole.events.filter(({ event }) => event === "epoch")).toHaveLength(3);
  });

  it("goes on with progress from what was applied", () => {
    const first = recording();
    first.recorder.begin();
    for (const call of calls.slice(0, 1)) call(first.recorder);
    first.recorder.learned({ rows: 2, scalars: { xent: { sum: 77, weight: 2 } } });
    const second = recording({}, copied(first.recorder.save()));
    second.recorder.learned({ rows: 2, scalars: { xent: { sum: 3, weight: 2 } } });
    expect(second.events[0]).toMatchObject({ epoch: 1, updates: 1, samples: 6, train: { loss: 3.1 / 6 } });
  });

  it("goes on with progress from what was dropped, too", () => {
    const first = recording();
    first.recorder.begin();
    first.recorder.dropped({ slot: 0, rows: 5 });
    const second = recording({}, copied(first.recorder.save()));
    second.recorder.learned({ rows: 2, scalars: {} });
    expect(second.events[0]).toMatchObject({ samples: 7 });
  });

  it("is a copy: the run that was saved does not change it", () => {
    const { recorder } = recording();
    recorder.begin();
    for (const call of calls.slice(0, 3)) call(recorder);
    const fold = recorder.save();
    const before = structuredClone(fold);
    for (const call of calls.slice(3)) call(recorder);
    expect(fold).toEqual(before);
  });

  it("adds the incarnations and times of its sessions", () => {
    const first = recording();
    first.recorder.heard({ worker: 0, incarnation: 0 }, account({ compute: 3 }));
    const second = recording({}, copied(first.recorder.save()));
    second.recorder.heard({ worker: 0, incarnation: 0 }, account({ compute: 4 }));
    expect(second.recorder.end().statistics.by_worker[0]).toMatchObject({ incarnations: 2, compute_seconds: 7 });
  });
});

describe("the curve", () => {
  const bucket = (updates: number) => ({
    updates,
    learning_rate: updates,
    scalars: { xent: { sum: updates, weight: 2 } },
  });
  const filled = (count: number, curve = new Curve(), from = 1) => {
    for (let updates = from; updates <= count; updates++) curve.add(bucket(updates));
    return curve;
  };

  it("has a point an update while there are few", () => {
    expect(filled(3).points(losses)).toEqual(
      [1, 2, 3].map((updates) => ({ updates, learning_rate: updates, train: { loss: updates / 2 } })),
    );
    expect(filled(mostPoints).points(losses)).toHaveLength(mostPoints);
  });

  it("has means over equal numbers of updates when there are many", () => {
    for (const count of [mostPoints + 1, 2 * mostPoints, 2 * mostPoints + 1, 5 * mostPoints + 3]) {
      const points = filled(count).points(losses);
      let stride = 1;
      while (Math.ceil(count / stride) > mostPoints) stride *= 2;
      const expected = Array.from({ length: Math.ceil(count / stride) }, (_, index) => {
        const [first, last] = [index * stride + 1, Math.min(count, (index + 1) * stride)];
        return { updates: last, learning_rate: last, train: { loss: (first + last) / 4 } };
      });
      expect(points).toEqual(expected);
      expect(points.length).toBeLessThanOrEqual(mostPoints);
    }
  });

  it("is the same after it was saved in between", () => {
    const count = 3 * mostPoints + 5;
    for (const stop of [1, mostPoints, mostPoints + 1, 2 * mostPoints + 1]) {
      const resumed = new Curve(JSON.parse(JSON.stringify(filled(stop).save())));
      expect(filled(count, resumed, stop + 1).points(losses)).toEqual(filled(count).points(losses));
    }
  });
});
