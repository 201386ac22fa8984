import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { averagePool2d, input, maxPool2d } from "../../runtime/layers/index.js";
import { hashedUniform } from "./hashed.js";
import { relativeError, runLayer } from "./run-layer.js";

interface PoolCase {
  readonly pool: "MAX" | "AVE";
  readonly height: number;
  readonly width: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly pad: readonly [number, number];
  readonly shape: readonly number[];
  readonly y: readonly number[];
}

const file = new URL("../../fixtures/torch/caffe_pooling.json", import.meta.url);
const recorded = (JSON.parse(readFileSync(file, "utf8")) as { cases: readonly PoolCase[] }).cases;

/** PoolingLayer::Reshape and Forward_cpu of BVLC/caffe, one number at a time. */
function caffePool({ pool, height, width, kernel, stride, pad }: Omit<PoolCase, "shape" | "y">, x: Float32Array) {
  const size = [height, width];
  const count = [0, 1].map((axis) => {
    const [i, k, s, p] = [size[axis] ?? 0, kernel[axis] ?? 1, stride[axis] ?? 1, pad[axis] ?? 0];
    const pooled = Math.ceil((i + 2 * p - k) / s) + 1;
    return (pad[0] > 0 || pad[1] > 0) && (pooled - 1) * s >= i + p ? pooled - 1 : pooled;
  });
  const y: number[] = [];
  for (let channel = 0; channel < 2; channel += 1) {
    for (let row = 0; row < (count[0] ?? 0); row += 1) {
      for (let column = 0; column < (count[1] ?? 0); column += 1) {
        const top = row * stride[0] - pad[0];
        const left = column * stride[1] - pad[1];
        const divisor =
          (Math.min(top + kernel[0], height + pad[0]) - top) * (Math.min(left + kernel[1], width + pad[1]) - left);
        let sum = 0;
        let max = Number.NEGATIVE_INFINITY;
        for (let h = Math.max(top, 0); h < Math.min(top + kernel[0], height); h += 1) {
          for (let w = Math.max(left, 0); w < Math.min(left + kernel[1], width); w += 1) {
            const value = x[(channel * height + h) * width + w] ?? Number.NaN;
            sum += value;
            max = Math.max(max, value);
          }
        }
        y.push(pool === "MAX" ? max : sum / divisor);
      }
    }
  }
  return { shape: [1, 2, ...count], y };
}

async function pooled(options: Omit<PoolCase, "shape" | "y">) {
  const { pool, height, width, kernel, stride, pad } = options;
  const image = input("x", [2, height, width]);
  const make = pool === "MAX" ? maxPool2d : averagePool2d;
  const y = make(image, { name: "pool", kernel, stride, pad, rounding: "ceil" });
  const data = hashedUniform(2 * height * width, 1);
  const feeds = { x: { data, dims: [1, 2, height, width] } };
  return { ...(await runLayer({ y, feeds, gradients: false })), data };
}

describe("rounding: ceil is Caffe's rule", () => {
  test.each(recorded)(
    "OpenCV's Caffe reader agrees: $pool of $height×$width, kernel $kernel, stride $stride, pad $pad",
    async (wanted) => {
      const found = await pooled(wanted);
      expect(found.shape).toEqual(wanted.shape);
      expect(relativeError(found.y, wanted.y)).toBeLessThan(1e-6);
    },
  );

  test("a naive pooling agrees for every small window with padding less than the kernel", async () => {
    let compared = 0;
    for (const [height, width] of [
      [5, 6],
      [7, 4],
      [8, 11],
    ] as const) {
      for (const [kernel, stride, pad] of [
        [2, 1, 1],
        [2, 2, 1],
        [2, 3, 1],
        [3, 2, 0],
        [3, 2, 1],
        [3, 2, 2],
        [3, 3, 1],
        [4, 2, 1],
        [4, 3, 3],
        [1, 2, 0],
      ] as const) {
        for (const pool of ["MAX", "AVE"] as const) {
          const options = {
            pool,
            height,
            width,
            kernel: [kernel, kernel],
            stride: [stride, stride],
            pad: [pad, pad],
          } as const;
          const found = await pooled(options).catch(() => undefined);
          if (found === undefined) continue;
          const wanted = caffePool(options, found.data);
          expect(found.shape, JSON.stringify(options)).toEqual(wanted.shape);
          expect(relativeError(found.y, wanted.y), JSON.stringify(options)).toBeLessThan(1e-6);
          compared += 1;
        }
      }
    }
    expect(compared).toBeGreaterThanOrEqual(52);
  });
});
