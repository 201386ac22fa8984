import { readFileSync } from "node:fs";
import * as all from "../../runtime/layers/index.js";
import type { Tensor } from "../../runtime/layers/types.js";
import { sizeOf } from "../../runtime/shape.js";
import { hashedBits, hashedClasses, hashedUniform, type Range } from "./hashed.js";
import type { Feeds } from "./run-layer.js";

/** One case of fixtures/torch/layers.json. Axis 0 of `x` and `y` is the batch. */
export interface RecordedCase {
  readonly name: string;
  readonly layer: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly x: readonly number[];
  readonly range?: Range;
  /** The label or target of a loss. */
  readonly input?: { readonly classes?: number; readonly shape: readonly number[] };
  readonly y: { readonly shape: readonly number[]; readonly data: readonly number[] };
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

const file = new URL("../../fixtures/torch/layers.json", import.meta.url);

export const recordedCases = (JSON.parse(readFileSync(file, "utf8")) as { cases: readonly RecordedCase[] }).cases;

type Make = (...values: readonly unknown[]) => Tensor;

/** A layer function by its name in the table. */
export function layerFunction(type: string): Make {
  const functions: Readonly<Record<string, unknown>> = all;
  const make = functions[type];
  if (typeof make !== "function") throw new Error(`no layer function ${type}`);
  return make as Make;
}

/** The layer of a case on an input `x`, and what the case feeds it. */
export function buildCase(recorded: RecordedCase): { readonly y: Tensor; readonly feeds: Feeds } {
  const { layer, options, x, range, input, parameters, y: wanted } = recorded;
  const [rows = 1, ...shape] = x;
  const second =
    input === undefined
      ? []
      : [
          input.classes === undefined
            ? all.target("target", input.shape)
            : all.label("label", { classes: input.classes, shape: input.shape }),
        ];
  const y = layerFunction(layer)(all.input("x", shape), ...second, { ...options, name: "layer" });
  const dims = [rows, ...(input?.shape ?? [])];
  const salts: Readonly<Record<string, number>> = { weight: 2, bias: 3 };
  return {
    y,
    feeds: {
      x: { data: hashedUniform(sizeOf(x), 1, range), dims: x },
      c: { data: hashedUniform(sizeOf(wanted.shape), 5), dims: wanted.shape },
      target: { data: hashedUniform(sizeOf(dims), 4), dims },
      label: { data: hashedClasses(sizeOf(dims), input?.classes ?? 1, 7), dims },
      "mask:layer": {
        data: Float32Array.from(hashedBits(sizeOf(x), 6), (bits) => (bits % 10 >= 4 ? 1 / (1 - 0.4) : 0)),
        dims: x,
      },
      ...Object.fromEntries(
        Object.entries(parameters).map(([short, dims]) => [
          `layer.${short}`,
          { data: hashedUniform(sizeOf(dims), salts[short] ?? 0), dims },
        ]),
      ),
    },
  };
}
