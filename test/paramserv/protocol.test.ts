import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchesAnEpoch, pushesAnEpoch } from "../../runtime/paramserv/protocol/plan.js";
import { initialState, transition } from "../../runtime/paramserv/protocol/protocol.js";
import type { Message, ProtocolConfig, State, WorkerPlan } from "../../runtime/paramserv/protocol/types.js";
import { gradientOf, type Schedule, simulate } from "./protocol-simulation.js";

/** Ragged and unequal plans, pushing every batch, every few batches, or once an epoch. */
const plan: fc.Arbitrary<WorkerPlan> = fc
  .record({
    rows: fc.integer({ min: 1, max: 30 }),
    batchsize: fc.integer({ min: 1, max: 8 }),
    every: fc.constantFrom(1, 2, 0),
  })
  .map(({ rows, batchsize, every }) => ({ rows, batchsize, rowsPerPush: every === 0 ? rows : batchsize * every }));

const config: fc.Arbitrary<ProtocolConfig> = fc.record({
  strategy: fc.constantFrom("BSP", "ASP"),
  aggregation: fc.constantFrom("mean", "sum"),
  epochs: fc.integer({ min: 1, max: 3 }),
  plans: fc.array(plan, { minLength: 1, maxLength: 5 }),
  validate: fc.boolean(),
  splitUpdates: fc.boolean(),
});

/** An arbitrary order of arrival: now one worker is heard for a while, now another. */
const schedule: fc.Arbitrary<Schedule> = fc
  .infiniteStream(fc.record({ pick: fc.nat(1000), times: fc.constantFrom(1, 1, 3, 30) }))
  .map((stream) => {
    let [pick, left] = [0, 0];
    return (count) => {
      if (left === 0) {
        const next: { pick: number; times: number } = stream.next().value ?? { pick: 0, times: 1 };
        [pick, left] = [next.pick, next.times];
      }
      left -= 1;
      return pick % count;
    };
  });

const seeded = { numRuns: 300, seed: 11 };
const inTurn: Schedule = () => 0;
const two: ProtocolConfig = {
  strategy: "BSP",
  aggregation: "mean",
  epochs: 1,
  plans: [
    { rows: 3, batchsize: 1, rowsPerPush: 1 },
    { rows: 2, batchsize: 1, rowsPerPush: 1 },
  ],
  validate: false,
  splitUpdates: true,
};

describe("any run, whatever the order of arrival", () => {
  it("ends, applies each push exactly once, and gives the exact sum in every slice", () => {
    fc.assert(
      fc.property(config, schedule, (given, order) => {
        const { status, weights, updates } = simulate(given, order);
        expect(status).toBe("completed");
        const pushes = given.plans.flatMap((one, worker) =>
          Array.from({ length: pushesAnEpoch(one) * given.epochs }, (_, clock) => gradientOf(worker, clock)),
        );
        const total = pushes.reduce((sum, value) => sum + value, 0);
        expect(weights).toEqual(given.plans.map(() => total));
        expect(updates.flatMap(({ contributions }) => contributions)).toHaveLength(pushes.length);
      }),
      seeded,
    );
  });

  it("counts every row once an epoch and reports every epoch and validation once, in order", () => {
    fc.assert(
      fc.property(config, schedule, (given, order) => {
        const { updates, epochs, validated, evaluations } = simulate(given, order);
        const rows = updates.flatMap(({ contributions }) => contributions).reduce((sum, one) => sum + one.rows, 0);
        expect(rows).toBe(given.epochs * given.plans.reduce((sum, one) => sum + one.rows, 0));
        const all = Array.from({ length: given.epochs }, (_, index) => index + 1);
        expect(epochs).toEqual(all);
        expect(validated).toEqual(given.validate ? all : []);
        const parts = all.flatMap((epoch) =>
          given.plans.map((_, part) => `${epoch}: ${part} of ${given.plans.length}`),
        );
        expect([...evaluations].sort()).toEqual(given.validate ? parts.sort() : []);
      }),
      seeded,
    );
  });

  it("weighs the pushes of an update by rows for mean, and by 1 for sum, in order of rank", () => {
    fc.assert(
      fc.property(config, schedule, (given, order) => {
        for (const { contributions } of simulate(given, order).updates) {
          const total = contributions.reduce((sum, { rows }) => sum + rows, 0);
          for (const { rows, weight } of contributions)
            expect(weight).toBe(given.aggregation === "sum" ? 1 : rows / total);
          const ranks = contributions.map(({ worker }) => worker);
          expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
        }
      }),
      seeded,
    );
  });

  it("reports the staleness that there was: none under BSP", () => {
    fc.assert(
      fc.property(config, schedule, (given, order) => {
        const { staleness, countedStaleness } = simulate(given, order);
        expect(staleness).toEqual(countedStaleness);
        if (given.strategy === "BSP") expect(Math.max(...staleness)).toBe(0);
      }),
      seeded,
    );
  });

  it("counts as iterations the batches of the longest path", () => {
    fc.assert(
      fc.property(config, schedule, (given, order) => {
        const { updates } = simulate(given, order);
        const iterations = updates.map(({ iteration }) => iteration);
        expect(iterations).toEqual([...iterations].sort((a, b) => a - b));
        const longest = Math.max(...given.plans.map(batchesAnEpoch));
        const total = (updates.at(-1)?.iteration ?? 0) + 1;
        const everyBatch = given.plans.every((one) => one.rowsPerPush === one.batchsize);
        if (everyBatch) expect(iterations).toEqual(updates.map((_, index) => index));
        if (everyBatch && given.strategy === "BSP") expect(total).toBe(longest * given.epochs);
        if (given.plans.length === 1) expect(total).toBe(longest * given.epochs);
      }),
      seeded,
    );
  });

  it("stops at any moment with whole updates only", () => {
    fc.assert(
      fc.property(config, schedule, fc.nat(60), (given, order, after) => {
        const { status, weights } = simulate(given, order, { after, message: { kind: "stop" } });
        expect(["aborted", "completed"]).toContain(status);
        expect(new Set(weights).size).toBe(1);
      }),
      seeded,
    );
  });

  it("fails at once when a worker fails, at any moment", () => {
    fc.assert(
      fc.property(config, schedule, fc.nat(60), (given, order, after) => {
        const problems = [{ code: "WORKER_FAILED", message: "gone" }] as const;
        const { status } = simulate(given, order, { after, message: { kind: "fail", worker: 0, problems } });
        expect(["failed", "completed"]).toContain(status);
      }),
      seeded,
    );
  });
});

describe("BSP", () => {
  it("makes the same updates whatever the order of arrival", () => {
    fc.assert(
      fc.property(config, schedule, schedule, (given, one, other) => {
        const bsp: ProtocolConfig = { ...given, strategy: "BSP" };
        expect(simulate(bsp, one).updates).toEqual(simulate(bsp, other).updates);
      }),
      seeded,
    );
  });

  it("goes on with the workers that have batches left, each epoch from the start", () => {
    const { updates } = simulate({ ...two, epochs: 2 }, inTurn);
    expect(updates.map(({ contributions }) => contributions.map(({ worker }) => worker))).toEqual([
      [0, 1],
      [0, 1],
      [0],
      [0, 1],
      [0, 1],
      [0],
    ]);
  });

  it("lets all workers share an update, or one make it", () => {
    expect(simulate(two, inTurn).updates.map(({ executors }) => executors)).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
    const single = simulate({ ...two, splitUpdates: false }, inTurn);
    expect(single.updates.map(({ executors }) => executors)).toEqual([[0], [0], [0]]);
  });
});

describe("ASP", () => {
  it("lets a fast worker run ahead of a slow one by any number of updates", () => {
    // The slow worker 1 is heard only when worker 0 has nothing more to say.
    const plans = [
      { rows: 50, batchsize: 1, rowsPerPush: 1 },
      { rows: 1, batchsize: 1, rowsPerPush: 1 },
    ];
    let joined = 0;
    const slow: Schedule = (count) => (joined++ < 6 ? joined % count : 0);
    const { staleness } = simulate({ ...two, strategy: "ASP", plans }, slow);
    expect(Math.max(...staleness)).toBeGreaterThan(40);
  });
});

describe("an update that waits for a reader", () => {
  it("goes before further reads, so that nobody's push waits for ever", () => {
    const plans = [two.plans[0], two.plans[0], two.plans[0]].flatMap((one) => one ?? []);
    const messages: readonly Message[] = [
      ...[0, 1, 2].map((worker) => ({ kind: "join", worker }) as const),
      { kind: "pull", worker: 0, clock: 0 },
      { kind: "pull", worker: 1, clock: 0 },
      { kind: "pulled", worker: 0, clock: 0 },
      { kind: "push", worker: 0, clock: 0, rows: 1 },
      { kind: "pull", worker: 2, clock: 0 },
    ];
    const last = { kind: "pulled", worker: 1, clock: 0 } as const;
    let state = initialState({ ...two, strategy: "ASP", plans });
    const effects = [...messages, last, { kind: "applied", worker: 0, version: 0 } as const].map((message) => {
      const step = transition(state, message);
      state = step.state;
      return step.effects.map((effect) => ("worker" in effect ? `${effect.kind} ${effect.worker}` : effect.kind));
    });
    expect(effects.slice(3)).toEqual([["grant 0"], ["grant 1"], [], [], [], ["apply"], ["updated", "grant 2"]]);
  });
});

describe("a message that breaks the protocol", () => {
  const stateAfter = (...messages: readonly Message[]): State =>
    messages.reduce((state, message) => transition(state, message).state, initialState(two));
  const joined = [
    { kind: "join", worker: 0 },
    { kind: "join", worker: 1 },
  ] as const;
  const pull = { kind: "pull", worker: 0, clock: 0 } as const;
  const pulled = { kind: "pulled", worker: 0, clock: 0 } as const;
  const push = { kind: "push", worker: 0, clock: 0, rows: 1 } as const;

  const cases: readonly (readonly [string, readonly Message[], Message, RegExp])[] = [
    [
      "from an unknown worker",
      joined,
      { ...pull, worker: 7 },
      /PROTOCOL_WORKER_UNKNOWN: there is no worker 7; the run has workers 0 to 1/,
    ],
    [
      "that joins twice",
      joined,
      { kind: "join", worker: 1 },
      /PROTOCOL_MESSAGE_UNEXPECTED: worker 1 sent join, but it is idle/,
    ],
    ["before joining", [], pull, /worker 0 sent pull, but it is absent/],
    [
      "with a wrong clock",
      joined,
      { ...pull, clock: 3 },
      /PROTOCOL_CLOCK_WRONG: worker 0 sent pull with clock 3; expected 0/,
    ],
    ["that pushes what was not pulled", joined, push, /worker 0 sent push, but it is idle, not computing/],
    ["that pushes twice", [...joined, pull, pulled, push], push, /worker 0 sent push, but it is pushed, not computing/],
    [
      "that pulls twice",
      [...joined, pull, pulled, push, { ...pull, clock: 1 }],
      { ...pull, clock: 1 },
      /its last pull is unanswered/,
    ],
    [
      "with rows that were not planned",
      [...joined, pull, pulled],
      { ...push, rows: 2 },
      /PROTOCOL_ROWS_WRONG: worker 0 pushed 2 rows at clock 0; planned 1/,
    ],
    [
      "about an update that nobody makes",
      joined,
      { kind: "applied", worker: 0, version: 0 },
      /worker 0 sent applied, but it is idle/,
    ],
    [
      "about a validation that is not asked for",
      joined,
      { kind: "evaluated", worker: 0, epoch: 1, part: 0 },
      /sent evaluated, but it is idle/,
    ],
  ];
  for (const [name, before, message, expected] of cases) {
    it(`${name} is a ProtocolError`, () => {
      expect(() => transition(stateAfter(...before), message)).toThrow(expected);
    });
  }

  it("is told from a worker that leaves with work undone, which fails the run", () => {
    const { effects } = transition(stateAfter(...joined, pull), { kind: "leave", worker: 0 });
    expect(effects).toMatchObject([
      { kind: "fail", worker: 0, problems: [{ message: "worker 0 left while reading, after 0 of 3 pushes" }] },
    ]);
  });
});
