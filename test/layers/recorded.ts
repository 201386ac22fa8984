import { readFileSync } from "node:fs";
import * as all from "../../runtime/layers/index.js";
import type { Scalar, Tensor } from "../../runtime/layers/types.js";
import { sizeOf } from "../../runtime/shape.js";
import { hashedBits, hashedClasses, hashedUniform, type Range } from "./hashed.js";
import type { Feeds } from "./run-layer.js";

/** An array of a case: its numbers are those of hashed.ts for the salt. */
interface RecordedArray {
  /** Axis 0 of an input is the batch. */
  readonly shape: readonly number[];
  readonly salt: number;
  readonly range?: Range;
  /** Whole numbers below this, instead of floats. */
  readonly classes?: number;
  readonly dtype?: "int32" | "int64";
  /** The label does not say how many classes it has. */
  readonly undeclared?: boolean;
  /** How the sample is declared, where that has lengths by name. */
  readonly lengths?: readonly (number | string)[];
}

/** One case of fixtures/torch/layers.json. */
export interface RecordedCase {
  readonly name: string;
  readonly layer: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** In the order of the layer function's arguments: x, b, c, label, target; `weights` and states are options. */
  readonly inputs: Readonly<Record<string, RecordedArray>>;
  /** Options that are inputs, by the name of the option. */
  readonly tensors?: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, RecordedArray>>;
  /** State variables, and their next values. */
  readonly states?: Readonly<Record<string, RecordedArray & { readonly next: readonly number[] }>>;
  readonly evaluation?: boolean;
  readonly outputs: readonly { readonly shape: readonly number[]; readonly data: readonly number[] }[];
  /** By input or variable. */
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

const file = new URL("../../fixtures/torch/layers.json", import.meta.url);

export const recordedCases = (JSON.parse(readFileSync(file, "utf8")) as { cases: readonly RecordedCase[] }).cases;

export const titled = recordedCases.map((recorded) => [`${recorded.layer}: ${recorded.name}`, recorded] as const);

export type Made = Tensor | Scalar | readonly Tensor[];

type Make = (...values: readonly unknown[]) => Made;

/** A layer function by its name in the table. */
export function layerFunction(type: string): Make {
  const functions: Readonly<Record<string, unknown>> = all;
  const make = functions[type];
  if (typeof make !== "function") throw new Error(`no layer function ${type}`);
  return make as Make;
}

/** Whether a layer takes its inputs as one list. */
export function isVariadic(type: string): boolean {
  const table: Readonly<Record<string, all.LayerDefinition>> = all.layers;
  return table[type]?.inputs.some((text) => text.startsWith("...")) ?? false;
}

function source(name: string, { shape, lengths, classes, dtype, undeclared }: RecordedArray): Tensor {
  const sample = lengths ?? shape.slice(1);
  if (name === "label") return all.label(name, { classes: undeclared ? undefined : classes, shape: sample });
  if (name === "target" || name === "weights") return all.target(name, sample);
  return all.input(name, sample, { dtype: classes === undefined ? "float32" : (dtype ?? "int32") });
}

function feedOf({ shape, salt, range, classes, dtype }: RecordedArray): Feeds[string] {
  const size = sizeOf(shape);
  if (classes === undefined) return { data: hashedUniform(size, salt, range), dims: shape };
  const numbers = hashedClasses(size, classes, salt);
  return { data: dtype === "int64" ? Array.from(numbers, BigInt) : numbers, dims: shape };
}

/** What every case's masks and weights of Σ c·y are. */
function commonFeeds({ inputs, outputs }: RecordedCase): Feeds {
  const x = inputs.x?.shape ?? [];
  const cotangents = outputs.map(({ shape }, index) => {
    const data = hashedUniform(sizeOf(shape), index === 0 ? 5 : 50 + index);
    return [`cotangent${index}`, { data, dims: shape }] as const;
  });
  const mask = Float32Array.from(hashedBits(sizeOf(x), 6), (bits) => (bits % 10 >= 4 ? 1 / (1 - 0.4) : 0));
  return { "mask:layer": { data: mask, dims: x }, ...Object.fromEntries(cotangents) };
}

const feedsOf = (arrays: Readonly<Record<string, RecordedArray>>, prefix: string): Feeds =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${prefix}${name}`, feedOf(array)]));

/** The layer of a case on its inputs, and what the case feeds it. */
export function buildCase(recorded: RecordedCase): { readonly y: Made; readonly feeds: Feeds } {
  const { layer, options, inputs, tensors = {}, variables, states = {} } = recorded;
  const sources = new Map(Object.entries(inputs).map(([name, array]) => [name, source(name, array)]));
  const asOptions = Object.entries(tensors).map(([option, name]) => [option, sources.get(name)] as const);
  const given = [...sources].filter(([name]) => !Object.values(tensors).includes(name)).map(([, tensor]) => tensor);
  const args = isVariadic(layer) ? [given] : given;
  const y = layerFunction(layer)(...args, { ...options, ...Object.fromEntries(asOptions), name: "layer" });
  return {
    y,
    feeds: {
      ...commonFeeds(recorded),
      ...feedsOf(inputs, ""),
      ...feedsOf(variables, "layer."),
      ...feedsOf(states, "layer."),
    },
  };
}
