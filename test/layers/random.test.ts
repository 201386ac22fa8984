import { describe, expect, test } from "vitest";
import { random, xoshiro128 } from "../../runtime/random.js";

describe("random", () => {
  test("the same seed and labels give the same stream, others give another", () => {
    const draw = (seed: number, ...labels: (string | number)[]) => {
      const stream = random(seed, ...labels);
      return Array.from({ length: 8 }, () => stream.bits());
    };
    const streams = [
      draw(1),
      draw(2),
      draw(2 ** 32 + 1),
      draw(1, "a"),
      draw(1, "b"),
      draw(1, "ab", "c"),
      draw(1, "a", "bc"),
      draw(1, "a", 0),
      draw(1, "a", 1),
    ];
    expect(draw(1, "ab", "c")).toEqual(streams[5]);
    expect(new Set(streams.flat()).size).toBe(streams.flat().length);
  });

  test("streams of neighbouring labels are uncorrelated", () => {
    const count = 4000;
    const [a, b] = [random(7, "step", 1), random(7, "step", 2)];
    let sum = 0;
    for (let i = 0; i < count; i += 1) sum += (a.uniform() - 0.5) * (b.uniform() - 0.5) * 12;
    expect(Math.abs(sum / count)).toBeLessThan(4 / Math.sqrt(count));
  });

  test("int is equally likely over its range, also where 2³² is no multiple of it", () => {
    const stream = random(3, "int");
    const counts = new Array<number>(6).fill(0);
    const draws = 60_000;
    for (let i = 0; i < draws; i += 1) {
      const face = stream.int(6);
      counts[face] = (counts[face] ?? 0) + 1;
    }
    const chiSquare = counts.reduce((total, count) => total + (count - draws / 6) ** 2 / (draws / 6), 0);
    // 0.1 % of the time a fair die is above 20.5 (5 degrees of freedom).
    expect(chiSquare).toBeLessThan(20.5);
    let above = 0;
    for (let i = 0; i < 2000; i += 1) above += stream.int(3 * 2 ** 30) >= 2 ** 31 ? 1 : 0;
    expect(above / 2000).toBeCloseTo(1 / 3, 1);
  });

  test("a permutation holds every number once, and each place is equally likely", () => {
    const stream = random(5, "permutation");
    const first = new Array<number>(5).fill(0);
    for (let i = 0; i < 5000; i += 1) {
      const order = [...stream.permutation(5)];
      const [head = 0] = order;
      first[head] = (first[head] ?? 0) + 1;
      if (i < 10) expect(order.sort()).toEqual([0, 1, 2, 3, 4]);
    }
    for (const count of first) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(800));
    expect(stream.permutation(0)).toHaveLength(0);
  });

  test("normal has the tails of a normal distribution", () => {
    const stream = random(9, "normal");
    let beyond = 0;
    for (let i = 0; i < 100_000; i += 1) beyond += Math.abs(stream.normal()) > 2 ? 1 : 0;
    expect(beyond / 100_000).toBeCloseTo(0.0455, 2);
  });

  test("bits come from xoshiro128**: the numbers that the reference gives from the state 1, 2, 3, 4", () => {
    const known = [11520, 0, 5927040, 70819200, 2031721883, 1637235492];
    expect(Array.from({ length: 6 }, xoshiro128([1, 2, 3, 4]).bits)).toEqual(known);
    const { bits, fill } = xoshiro128([1, 2, 3, 4]);
    const list = new Uint32Array(4);
    fill(list);
    expect([...list, bits(), bits()]).toEqual(known);
  });
});
