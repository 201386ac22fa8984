import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Kernels, Penalty } from "../../runtime/kernels/kernels.js";
import { reference } from "../../runtime/kernels/reference.js";
import { keyOf, threefry } from "../../runtime/kernels/threefry.js";
import { compileKernels, wasmKernels } from "../../runtime/kernels/wasm.js";
import { sharedMemory } from "../../runtime/kernels/web-assembly.js";

const length = 64;
const memory = sharedMemory(4 * 4 * length);
const simd = wasmKernels(compileKernels(), memory);

type Use = (kernels: Kernels, arrays: readonly [Float32Array, Float32Array, Float32Array]) => void;

/** Runs both implementations on copies of the same arrays and compares every bit. */
function expectSameBits(arrays: readonly Float32Array[], use: Use): void {
  const count = arrays[0]?.length ?? 0;
  const shared = arrays.map((_, index) => new Float32Array(memory.buffer, 4 * length * index, count));
  const plain = arrays.map((array) => array.slice());
  for (const [index, view] of shared.entries()) view.set(arrays[index] ?? []);
  use(reference, plain as unknown as Parameters<Use>[1]);
  use(simd, shared as unknown as Parameters<Use>[1]);
  const bits = (list: readonly Float32Array[]) => list.map((array) => [...new Int32Array(array.slice().buffer)]);
  expect(bits(shared)).toEqual(bits(plain));
}

const number = fc.float({ noNaN: true, min: -1000, max: 1000 });
const arrays = fc.integer({ min: 1, max: length }).chain((count) =>
  fc.array(fc.float32Array({ minLength: count, maxLength: count, noNaN: true, min: -1000, max: 1000 }), {
    minLength: 3,
    maxLength: 3,
  }),
);
const penalty = fc.constantFrom<Penalty>("none", "L2", "L1");

describe("the WebAssembly kernels", () => {
  it("scale and accumulate with the bits of the reference", () => {
    fc.assert(
      fc.property(arrays, number, (given, weight) => {
        expectSameBits(given, (kernels, [a, b]) => kernels.scale(a, b, weight));
        expectSameBits(given, (kernels, [a, b]) => kernels.accumulate(a, b, weight));
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it("step SGD with the bits of the reference, for each penalty, momentum and Nesterov", () => {
    const step = fc.record({
      rate: number,
      decay: number,
      penalty,
      momentum: fc.double({ min: 0, max: 0.999, noNaN: true }),
      nesterov: fc.boolean(),
    });
    fc.assert(
      fc.property(arrays, step, (given, options) => {
        expectSameBits(given, (kernels, [weights, gradients]) => kernels.sgd({ weights, gradients, ...options }));
        expectSameBits(given, (kernels, [weights, gradients, history]) =>
          kernels.sgdMomentum({ weights, gradients, history, ...options }),
        );
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it("fill dropout masks with the bits of the reference", () => {
    fc.assert(
      fc.property(
        arrays,
        fc.maxSafeNat(),
        fc.nat(),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (given, seed, stream, rate) => {
          expectSameBits(given, (kernels, [out]) => kernels.mask({ out, key: keyOf(seed, 3), stream, rate }));
        },
      ),
      { numRuns: 200, seed: 3 },
    );
  });

  it("refuse an array that is not in their memory", () => {
    expect(() => simd.scale(new Float32Array(4), new Float32Array(4), 1)).toThrow(/outside its memory/);
  });
});

describe("the random words", () => {
  it("are those of Random123's known-answer tests for threefry2x32 with 20 rounds", () => {
    const hex = (words: readonly number[]) => words.map((word) => word.toString(16).padStart(8, "0"));
    expect(hex(threefry([0, 0], [0, 0]))).toEqual(["6b200159", "99ba4efe"]);
    expect(hex(threefry([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff]))).toEqual(["1cb996fc", "bb002be7"]);
    expect(hex(threefry([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3]))).toEqual(["c4923a9c", "483df7a0"]);
  });

  it("drop the asked share of a mask and scale the rest so that its mean stays 1", () => {
    for (const rate of [0, 0.1, 0.5, 0.8]) {
      const out = new Float32Array(100_000);
      reference.mask({ out, key: keyOf(5, 1, 2), stream: 9, rate });
      const zeros = out.filter((value) => value === 0).length;
      expect(Math.abs(zeros / out.length - rate)).toBeLessThan(0.006);
      expect(out.every((value) => value === 0 || value === Math.fround(1 / (1 - rate)))).toBe(true);
    }
  });

  it("differ between streams and keys", () => {
    const fill = (seed: number, stream: number) => {
      const out = new Float32Array(256);
      reference.mask({ out, key: keyOf(seed), stream, rate: 0.5 });
      return out;
    };
    expect(fill(1, 0)).not.toEqual(fill(1, 1));
    expect(fill(1, 0)).not.toEqual(fill(2, 0));
    expect(fill(1, 0)).toEqual(fill(1, 0));
  });
});
