import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Assignment, assignRows } from "../../runtime/paramserv/assign.js";
import { checkOptions } from "../../runtime/paramserv/options.js";
import { pushesAnEpoch } from "../../runtime/paramserv/protocol/plan.js";
import { normalizers } from "../../runtime/paramserv/worker/normalizers.js";
import { rowsOfEpoch } from "../../runtime/paramserv/worker/row-order.js";
import { BspTotals } from "../../runtime/paramserv/worker/update-totals.js";
import type { TrainingProgram } from "../../runtime/program/types.js";

const schemes = ["DISJOINT_CONTIGUOUS", "DISJOINT_ROUND_ROBIN", "DISJOINT_RANDOM", "OVERLAP_RESHUFFLE"] as const;

const options = (changes: object) =>
  checkOptions({
    model: { w: { shape: [1], data: new Float32Array(1) } },
    features: { shape: [1, 1], data: new Float32Array(1) },
    labels: {},
    upd: { module: "file:///f.mjs", name: "f" },
    agg: { module: "file:///f.mjs", name: "f" },
    freq: "BATCH",
    epochs: 2,
    ...changes,
  });

/** Whole numbers and zeros, so that sums are exact in any order. */
const weightsOf = (rows: number) =>
  Float32Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? 0 : (row * 7) % 5));

/** The rows of a worker's push. */
function rowsOf({ rows, plan }: Assignment, rank: number, clock: number, run: { reshuffle: boolean; seed: number }) {
  const pushes = pushesAnEpoch(plan);
  const order = rowsOfEpoch({ ...run, rows, rank }, Math.floor(clock / pushes));
  const start = (clock % pushes) * plan.rowsPerPush;
  return order.subarray(start, start + plan.rowsPerPush);
}

const feed = { kind: "normalizer", name: "n", dtype: "float32", shape: [], loss: "masked" } as const;
const program = { feeds: [feed] } as unknown as TrainingProgram;
const numberOf = (arrays: ReturnType<typeof normalizers>) => arrays.n?.data[0] ?? Number.NaN;

describe("the totals of an update", () => {
  const runs = fc.record({
    rows: fc.integer({ min: 1, max: 60 }),
    k: fc.integer({ min: 1, max: 5 }),
    batchsize: fc.integer({ min: 1, max: 9 }),
    scheme: fc.constantFrom(...schemes),
    reshuffle: fc.boolean(),
    seed: fc.nat(),
  });

  it("are the rows and weights of all pushes that join it, in every round of every epoch", () => {
    fc.assert(
      fc.property(runs, ({ rows, ...changes }) => {
        const run = options(changes);
        const assignments = assignRows(run, rows);
        const weights = { masked: weightsOf(rows) };
        const totals = new BspTotals({ assignments, options: run, weights });
        const rounds = Math.max(...assignments.map(({ plan }) => pushesAnEpoch(plan)));
        for (const [epoch, round] of [0, 1].flatMap((at) =>
          Array.from({ length: rounds }, (_, r) => [at, r] as const),
        )) {
          const members = [...assignments.entries()].filter(([, { plan }]) => pushesAnEpoch(plan) > round);
          const clockOf = ({ plan }: Assignment) => epoch * pushesAnEpoch(plan) + round;
          const joined = members.flatMap(([rank, one]) => [...rowsOf(one, rank, clockOf(one), run)]);
          const expected = {
            rows: joined.length,
            weights: { masked: joined.reduce((sum, row) => sum + (weights.masked[row] ?? 0), 0) },
          };
          for (const [rank, one] of members) expect(totals.of(rank, clockOf(one))).toEqual(expected);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe("a normalizer", () => {
  const weights = { masked: Float32Array.of(0, 2, 0, 1, 0, 0) };

  it("makes the pushes, weighted by rows, add up to one mean over all that weighs", () => {
    // A row's loss is its number; two workers, of four rows and of two.
    const [first, second] = [Int32Array.of(0, 1, 2, 3), Int32Array.of(4, 5)];
    const totals = { rows: 6, weights: { masked: 3 } };
    const sum = (rows: Int32Array) => rows.reduce((total, row) => total + row * (weights.masked[row] ?? 0), 0);
    const pushed = [first, second].map((rows) => {
      return (rows.length / 6) * numberOf(normalizers(program, weights, rows, totals)) * sum(rows);
    });
    expect(pushed[0]).toBeCloseTo((1 * 2 + 3 * 1) / 3, 6);
    // All its rows are masked.
    expect(pushed[1]).toBe(0);
  });

  it("is that of the batch's own mean where the batch stands for itself", () => {
    expect(numberOf(normalizers(program, weights, Int32Array.of(0, 1, 3), undefined))).toBe(Math.fround(1 / 3));
  });

  it("is 0 where nothing weighs anything", () => {
    expect(numberOf(normalizers(program, weights, Int32Array.of(4, 5), undefined))).toBe(0);
    expect(numberOf(normalizers(program, weights, Int32Array.of(4), { rows: 2, weights: { masked: 0 } }))).toBe(0);
  });

  it("is a scalar of float32", () => {
    const [array] = Object.values(normalizers(program, weights, Int32Array.of(1), undefined));
    expect(array).toEqual({ shape: [], data: Float32Array.of(0.5) });
  });
});
