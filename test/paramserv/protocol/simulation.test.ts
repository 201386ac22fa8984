import { describe, expect, it } from "vitest";
import { aggregations } from "../../../runtime/paramserv/protocol/aggregations.js";
import type { ProtocolConfig } from "../../../runtime/paramserv/protocol/types.js";
import { configOf } from "./configs.js";
import { gradientOf, pushesOf } from "./ledger.js";
import { Simulation, type Troubles } from "./simulation.js";

const rough: Troubles = { duplicates: 0.02, losses: 0.01, leaves: 0.005, joins: 0.01, restarts: 0.02, returns: 0.004 };
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Runs each seed; what goes wrong names the seed, which repeats it. */
function each(
  runs: number,
  troubles: Troubles,
  check: (run: Simulation, config: ProtocolConfig) => void,
  from = 0,
): void {
  for (let seed = from; seed < from + runs; seed++) {
    const config = configOf(seed);
    try {
      check(new Simulation(config, seed, troubles).run(), config);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      throw new Error(`seed ${seed}, ${JSON.stringify(config)}: ${text}`, { cause: error });
    }
  }
}

/** Each item of each slot is applied exactly once, or dropped under SBP, and each epoch ends and is validated once. */
function closedForm({ ledger, failure, crashes }: Simulation, config: ProtocolConfig): void {
  expect(failure).toBeUndefined();
  expect(ledger.ending).toBe("completed");
  const all = config.plans.flatMap((_, slot) =>
    Array.from({ length: pushesOf(config, slot).length * config.epochs }, (_, clock) => gradientOf(slot, clock)),
  );
  const applied = ledger.updates.flatMap(({ contributions }) => contributions);
  expect(applied.length + ledger.dropped.length).toBe(all.length);
  const expected = sum(all) - sum(ledger.dropped.map(({ slot, clock }) => gradientOf(slot, clock)));
  // A copy that HOGWILD makes is of several versions, so what goes on from one is not exact.
  if (config.strategy !== "HOGWILD" || crashes === 0) expect(new Set(ledger.weights)).toEqual(new Set([expected]));
  const rows = sum([...applied, ...ledger.dropped].map((one) => one.rows));
  expect(rows).toBe(config.epochs * sum(config.plans.map((plan) => plan.rows)));
  const epochs = Array.from({ length: config.epochs }, (_, at) => at + 1);
  expect(ledger.epochs).toEqual(epochs);
  expect(ledger.validated).toEqual(config.validate ? epochs : []);
  if (config.strategy === "BSP") expect(updatesOf(ledger.updates)).toEqual(bspUpdates(config));
}

/** What an update is, whoever computed it. */
const updatesOf = (updates: Simulation["ledger"]["updates"]) =>
  updates.map(({ version, iteration, contributions }) => ({
    version,
    iteration,
    pushes: contributions.map(({ slot, clock, weight, staleness }) => ({ slot, clock, weight, staleness })),
  }));

/** BSP's updates, from the configuration alone: they depend neither on who comes first nor on who computes. */
function bspUpdates(config: ProtocolConfig): ReturnType<typeof updatesOf> {
  const pushes = config.plans.map((_, slot) => pushesOf(config, slot));
  const rounds = Math.max(...pushes.map(({ length }) => length));
  let iteration = -1;
  return Array.from({ length: rounds * config.epochs }, (_, version) => {
    const [epoch, round] = [Math.floor(version / rounds), version % rounds];
    const members = pushes.flatMap((ofSlot, slot) => {
      const push = ofSlot[round];
      return push === undefined ? [] : [{ slot, clock: epoch * ofSlot.length + round, ...push }];
    });
    const total = sum(members.map(({ rows }) => rows));
    iteration += Math.max(...members.map(({ batches }) => batches));
    const weigh = aggregations[config.aggregation];
    const joined = members.map(({ slot, clock, rows }) => ({
      slot,
      clock,
      weight: weigh({ rows, total }),
      staleness: 0,
    }));
    return { version, iteration, pushes: joined };
  });
}

describe("any run, whatever the order of arrival", () => {
  it("ends with the exact sums", () => {
    each(2500, {}, (run, config) => {
      closedForm(run, config);
      const { captures } = run.ledger;
      // Each version that is due is saved once, and nothing else; HOGWILD leaves out what would wait.
      const { checkpoint } = config;
      const saved = captures
        .filter(({ save }) => save)
        .map((one) => (checkpoint?.unit === "epoch" ? one.epoch : one.version));
      const last = checkpoint?.unit === "epoch" ? config.epochs : run.ledger.updates.length;
      const due = Array.from({ length: last }, (_, at) => at + 1).filter(
        (at) => checkpoint && at % checkpoint.every === 0,
      );
      if (config.strategy !== "HOGWILD") expect(saved).toEqual(due);
      else expect(saved.length).toBeLessThanOrEqual(due.length);
    });
  });

  it("ends with the exact sums when 2 % of the messages come twice", () => {
    let duplicates = 0;
    each(2500, { duplicates: 0.02 }, (run, config) => {
      closedForm(run, config);
      duplicates += run.duplicates;
    });
    expect(duplicates).toBeGreaterThan(1000);
  });

  it("ends with the exact sums when workers are lost, leave, join and come back, and the server is started again", () => {
    const seen = { losses: 0, restarts: 0, leases: 0 };
    each(3000, rough, (run, config) => {
      closedForm(run, config);
      for (const name of ["losses", "restarts", "leases"] as const) seen[name] += run[name];
    });
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(1000);
  });

  it("ends with the exact sums when lost workers are not replaced", () => {
    each(1000, { ...rough, joins: 0.002, replaced: 3 }, closedForm, 10_000);
  });

  it("goes on from its last checkpoint when everything dies", () => {
    let crashes = 0;
    each(500, { ...rough, crashes: 0.003 }, (run, config) => {
      closedForm(run, config);
      crashes += run.crashes;
    });
    expect(crashes).toBeGreaterThan(100);
  });

  it("stops at any moment with whole updates only", () => {
    const endings = { completed: 0, aborted: 0, failed: 0 };
    for (let stopAt = 0; stopAt < 1000; stopAt++) {
      each(
        1,
        { ...rough, stopAt: stopAt % 120 },
        ({ ledger, failure }, config) => {
          expect(failure).toBeUndefined();
          endings[ledger.ending ?? "failed"] += 1;
          const applied = ledger.updates.flatMap(({ contributions }) => contributions);
          const expected = sum(applied.map(({ slot, clock }) => gradientOf(slot, clock)));
          expect(new Set(ledger.weights)).toEqual(new Set([expected]));
          if (config.strategy === "BSP") {
            expect(updatesOf(ledger.updates)).toEqual(bspUpdates(config).slice(0, ledger.updates.length));
          }
        },
        20_000 + stopAt,
      );
    }
    expect(endings.failed).toBe(0);
    expect(endings.aborted).toBeGreaterThan(300);
  });
});
