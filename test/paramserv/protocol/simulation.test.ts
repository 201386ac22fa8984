import { describe, expect, it } from "vitest";
import { configOf } from "./configs.js";
import { gradientOf, pushesOf } from "./ledger.js";
import { Simulation, type Troubles } from "./simulation.js";

const calm: Troubles = {};
const doubled: Troubles = { duplicates: 0.02 };
const rough: Troubles = { duplicates: 0.02, losses: 0.01, leaves: 0.005, joins: 0.01, restarts: 0.02, returns: 0.004 };
const runs = Number(process.env.RUNS ?? 500);

function simulate(seed: number, troubles: Troubles): Simulation {
  const config = configOf(seed);
  try {
    return new Simulation(config, seed, troubles).run();
  } catch (error) {
    throw new Error(`seed ${seed} ${JSON.stringify(config)}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

function closedForm(seed: number, run: Simulation): void {
  const { ledger } = run;
  const config = configOf(seed);
  expect(ledger.ending).toBe("completed");
  const all = config.plans.flatMap((_, slot) =>
    Array.from({ length: pushesOf(config, slot).length * config.epochs }, (_, clock) => gradientOf(slot, clock)),
  );
  const dropped = ledger.dropped.map(({ slot, clock }) => gradientOf(slot, clock));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  // A checkpoint of HOGWILD is of several versions.
  if (config.strategy !== "HOGWILD" || run.crashes === 0)
    expect(new Set(ledger.weights)).toEqual(new Set([sum(all) - sum(dropped)]));
  expect(ledger.updates.flatMap(({ contributions }) => contributions).length + dropped.length).toBe(all.length);
  const epochs = Array.from({ length: config.epochs }, (_, at) => at + 1);
  expect(ledger.epochs).toEqual(epochs);
  expect(ledger.validated).toEqual(config.validate ? epochs : []);
}

describe("any run", () => {
  for (const [name, troubles] of Object.entries({ calm, doubled, rough, crashing: { ...rough, crashes: 0.01 } })) {
    it(`ends with the exact sums: ${name}`, () => {
      for (let seed = 0; seed < runs; seed++) closedForm(seed, simulate(seed, troubles));
    });
  }
});
