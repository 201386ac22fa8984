import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Kernels } from "../../runtime/kernels/kernels.js";
import { reference } from "../../runtime/kernels/reference.js";
import { compileKernels, wasmKernels } from "../../runtime/kernels/wasm.js";
import { sharedMemory } from "../../runtime/kernels/web-assembly.js";

const longest = 67;
/** Floats from one array to the next: a kernel that runs past its end is seen in the gap. */
const stride = 80;
const memory = sharedMemory(4 * stride * 5);
const simd = wasmKernels(compileKernels(), memory);

type Arrays = readonly [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
type Use = (kernels: Kernels, arrays: Arrays) => unknown;

/** A NaN is a NaN whatever its bits, which the two engines choose differently; −0 is not 0. */
const shown = (values: Iterable<number>) => [...values].map((value) => (Object.is(value, -0) ? "-0" : String(value)));

/** Runs both implementations on the same arrays; what is written past an end fails too. */
function expectSameBits(given: readonly Float32Array[], use: Use): void {
  const count = given[0]?.length ?? 0;
  const all = new Float32Array(memory.buffer).fill(7);
  const shared = given.map((array, index) => {
    const view = all.subarray(stride * index, stride * index + count);
    view.set(array);
    return view;
  });
  const plain = given.map((array) => array.slice());
  const expected = use(reference, plain as unknown as Arrays);
  const found = use(simd, shared as unknown as Arrays);
  expect(shown([Number(found ?? 0)])).toEqual(shown([Number(expected ?? 0)]));
  for (const [index, array] of plain.entries()) expect(shown(shared[index] ?? [])).toEqual(shown(array));
  for (const [index] of given.entries()) {
    expect(all.subarray(stride * index + count, stride * (index + 1)).every((value) => value === 7)).toBe(true);
  }
}

const special = fc.constantFrom(0, -0, 1e-45, -1e-40, 1.1754944e-38, 3.4e38, -3.4e38, Infinity, -Infinity, Number.NaN);
const usual = fc.float({ noNaN: true, min: -100, max: 100 });
const element = fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: special });
/** Five arrays of one length; those that hold squares are made positive where a kernel needs it. */
const arrays = fc.integer({ min: 1, max: longest }).chain((count) =>
  fc.array(
    fc.array(element, { minLength: count, maxLength: count }).map((values) => Float32Array.from(values)),
    { minLength: 5, maxLength: 5 },
  ),
);
const share = fc.double({ min: 0, max: 0.9999, noNaN: true });
const small = fc.double({ min: 1e-10, max: 1e-3, noNaN: true });
const rate = fc.double({ min: 1e-5, max: 2, noNaN: true });

const numbers = fc.record({
  rate,
  beta1: share,
  beta2: share,
  rho: share,
  momentum: share,
  kept: share,
  scale: fc.double({ min: 1, max: 40, noNaN: true }),
  correction: fc.double({ min: 1, max: 10, noNaN: true }),
  epsilon: small,
  inside: fc.oneof(fc.constant(0), small),
  outside: fc.oneof(fc.constant(0), small),
  decay: fc.double({ min: 0, max: 0.5, noNaN: true }),
  penalty: fc.constantFrom<"L1" | "L2">("L1", "L2"),
  nesterov: fc.boolean(),
  shrink: fc.double({ min: 0, max: 1, noNaN: true }),
  limit: fc.oneof(fc.constant(Infinity), fc.double({ min: 0, max: 50, noNaN: true })),
  l1: fc.double({ min: 0, max: 5, noNaN: true }),
  l2: fc.double({ min: 0, max: 5, noNaN: true }),
  shrinkage: fc.double({ min: 0, max: 1, noNaN: true }),
  rateMean: rate,
  rateGradient: rate,
});
type Numbers = typeof numbers extends fc.Arbitrary<infer Value> ? Value : never;

const absolute = (array: Float32Array) => {
  for (const [index, value] of array.entries()) array[index] = Math.abs(value);
  return array;
};

/** Every kernel on five arrays: weights, gradients and up to three slots. */
const uses: Readonly<Record<string, (n: Numbers) => Use>> = {
  clip:
    (n) =>
    (k, [, gradients]) =>
      k.clip({ gradients, scale: n.shrink, limit: n.limit }),
  penalise:
    (n) =>
    (k, [weights, gradients]) =>
      k.penalise({ weights, gradients, ...n }),
  average:
    (n) =>
    (k, [a, b]) =>
      k.average(a, b, n.momentum),
  momentumOutside:
    (n) =>
    (k, [weights, gradients, history]) =>
      k.momentumOutside({ weights, gradients, history, ...n }),
  sumOfSquares:
    () =>
    (k, [values]) =>
      k.sumOfSquares(values),
  adam:
    (n) =>
    (k, [weights, gradients, mean, square]) =>
      k.adam({ weights, gradients, mean, square: absolute(square), ...n }),
  amsgrad:
    (n) =>
    (k, [weights, gradients, mean, square, largest]) =>
      k.amsgrad({ weights, gradients, mean, square: absolute(square), largest: absolute(largest), ...n }),
  adamax:
    (n) =>
    (k, [weights, gradients, mean, largest]) =>
      k.adamax({ weights, gradients, mean, largest: absolute(largest), ...n }),
  nadam:
    (n) =>
    (k, [weights, gradients, mean, square]) =>
      k.nadam({ weights, gradients, mean, square: absolute(square), ...n }),
  lion:
    (n) =>
    (k, [weights, gradients, mean]) =>
      k.lion({ weights, gradients, mean, ...n }),
  lamb:
    (n) =>
    (k, [weights, gradients, mean, square]) =>
      k.lamb({ weights, gradients, mean, square: absolute(square), ...n }),
  lambSquares:
    (n) =>
    (k, [weights, gradients, mean, square]) =>
      k.lambSquares({ weights, gradients, mean, square: absolute(square), ...n }),
  adagrad:
    (n) =>
    (k, [weights, gradients, sum]) =>
      k.adagrad({ weights, gradients, sum: absolute(sum), ...n }),
  rmsprop:
    (n) =>
    (k, [, gradients, square]) =>
      k.rmsprop({ gradients, square: absolute(square), ...n }),
  rmspropCentered:
    (n) =>
    (k, [, gradients, square, mean]) =>
      k.rmspropCentered({ gradients, square: absolute(square), mean, ...n }),
  adadelta:
    (n) =>
    (k, [weights, gradients, square, steps]) =>
      k.adadelta({ weights, gradients, square: absolute(square), steps: absolute(steps), ...n }),
  ftrl:
    (n) =>
    (k, [weights, gradients, sum, linear]) =>
      k.ftrl({ weights, gradients, sum: absolute(sum), linear, ...n }),
};

/** Those that kernels.test.ts holds, and those of whole matrices below. */
const elsewhere = ["scale", "accumulate", "sgd", "sgdMomentum", "mask", "factoredMeans", "factoredDirection"];

describe("a step in WebAssembly has the bits of the plain reference", () => {
  for (const [name, use] of Object.entries(uses)) {
    it(name, () => {
      fc.assert(
        fc.property(arrays, numbers, (given, n) => expectSameBits(given, use(n))),
        { numRuns: 300, seed: 11 },
      );
    });
  }

  it("for every kernel there is", () => {
    expect([...Object.keys(uses), ...elsewhere].sort()).toEqual(Object.keys(reference).sort());
  });

  it("refuses arrays of different lengths", () => {
    const view = (from: number, count: number) => new Float32Array(memory.buffer, 4 * from, count);
    expect(() => simd.average(view(0, 4), view(16, 5), 0.5)).toThrow(/4 and 5 elements/);
  });
});

describe("factored means in WebAssembly have the bits of the plain reference", () => {
  const matrix = fc
    .record({
      matrices: fc.integer({ min: 1, max: 3 }),
      rows: fc.integer({ min: 1, max: 7 }),
      columns: fc.integer({ min: 1, max: 9 }),
      kept: share,
      floor: small,
    })
    .chain((shape) => {
      const count = shape.matrices * shape.rows * shape.columns;
      const gradients = fc.array(usual, { minLength: count, maxLength: count });
      return fc.record({ shape: fc.constant(shape), gradients });
    });

  it("for matrices of every small shape, two steps each", () => {
    const wide = sharedMemory(4 * 1024);
    const kernels = wasmKernels(compileKernels(), wide);
    fc.assert(
      fc.property(matrix, ({ shape, gradients }) => {
        const { matrices, rows, columns } = shape;
        const sizes = [gradients.length, matrices * rows, matrices * columns];
        const [plain, shared] = [
          sizes.map((size) => new Float32Array(size)),
          sizes.map((size, index) => new Float32Array(wide.buffer, 4 * 256 * index, size).fill(0)),
        ];
        for (const [used, own] of [
          [reference, plain],
          [kernels, shared],
        ] as const) {
          const [g, rowMeans, columnMeans] = own as [Float32Array, Float32Array, Float32Array];
          for (const factor of [1, 0.5]) {
            g.set(gradients.map((value) => value * factor));
            used.factoredMeans({ gradients: g, rowMeans, columnMeans, ...shape });
          }
          used.factoredDirection({ gradients: g, rowMeans, columnMeans, ...shape });
        }
        for (const [index, array] of plain.entries()) expect(shown(shared[index] ?? [])).toEqual(shown(array));
      }),
      { numRuns: 300, seed: 12 },
    );
  });

  it("refuse a shape that is not that of the elements", () => {
    const view = (from: number, count: number) => new Float32Array(memory.buffer, 4 * from, count);
    const step = { gradients: view(0, 6), rowMeans: view(16, 2), columnMeans: view(32, 2) };
    const shape = { matrices: 1, rows: 2, columns: 2 };
    expect(() => simd.factoredDirection({ ...step, ...shape })).toThrow(/6 elements are not 1 matrices of 2 × 2/);
  });
});
