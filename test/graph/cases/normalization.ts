import type { Dim, GraphBuilder, Value } from "../../../runtime/graph/types.js";
import type { GradientCase } from "../support.js";
import { type Cases, call, one } from "./case.js";

/** Ranks 2 to 5, one with a second unknown length. */
const tails: readonly (readonly Dim[])[] = [[], [3], ["T"], [2, 3], [2, 1, 2]];

interface Grid {
  readonly least?: number;
  /** Default 1 and 3. */
  readonly rows?: readonly number[];
  readonly values?: GradientCase["values"];
  /** Shapes of further inputs, from that of x. */
  readonly more?: (shape: readonly Dim[]) => Readonly<Record<string, readonly Dim[]>>;
}

/** An operator over ranks, channels {1, 2, 16, 17} and rows {1, 3}. */
function grid(
  name: string,
  build: (g: GraphBuilder, x: Value, more: Readonly<Record<string, Value>>) => Value,
  { least = 2, rows = [1, 3], values, more = () => ({}) }: Grid = {},
): readonly GradientCase[] {
  return tails.flatMap((tail) =>
    [1, 2, 16, 17].flatMap((channels) => {
      const shape: readonly Dim[] = ["N", channels, ...tail];
      if (shape.length < least) return [];
      return rows.map((count) => ({
        name: `${name} of [${shape}], ${count} rows`,
        inputs: { x: shape, ...more(shape) },
        rows: count,
        build: (g: GraphBuilder, inputs: Readonly<Record<string, Value>>) => build(g, pick(inputs, "x"), inputs),
        ...(values && { values }),
      }));
    }),
  );
}

function pick(values: Readonly<Record<string, Value>>, name: string): Value {
  const value = values[name];
  if (!value) throw new Error(`no input ${name}`);
  return value;
}

const perChannel = ([, channels = 1]: readonly Dim[]) => ({ scale: [channels], bias: [channels] });
const statistics = (shape: readonly Dim[]) => ({
  ...perChannel(shape),
  mean: [shape[1] ?? 1],
  variance: [shape[1] ?? 1],
});

/** Running statistics that the result does not depend on. */
function blank(g: GraphBuilder, x: Value): Value {
  const channels = Number(x.shape[1]);
  return g.constant({ dtype: "float32", shape: [channels], data: new Float32Array(channels).fill(0.5) });
}

export const normalizationCases: Cases = {
  BatchNormalization: [
    ...grid(
      "BatchNormalization",
      (g, x, { scale, bias, mean, variance }) =>
        call(g, "BatchNormalization", [x, scale, bias, mean, variance], { epsilon: 0.01 }),
      { values: [0.5, 1.5], more: statistics },
    ),
    ...grid(
      "BatchNormalization in training",
      (g, x, { scale, bias }) => {
        const inputs = [x, scale, bias, blank(g, x), blank(g, x)];
        return call(g, "BatchNormalization", inputs, { training_mode: 1, epsilon: 0.1 });
      },
      { more: perChannel },
    ),
  ],
  GroupNormalization: [
    ...grid(
      "GroupNormalization in one group",
      (g, x, { scale, bias }) => call(g, "GroupNormalization", [x, scale, bias], { num_groups: 1, epsilon: 0.1 }),
      { more: perChannel },
    ),
    one("GroupNormalization in two groups", { x: ["N", 6, 2], s: [6], b: [6] }, (g, { x, s, b }) =>
      g.op("GroupNormalization", [x, s, b], { num_groups: 2 }),
    ),
  ],
  InstanceNormalization: grid(
    "InstanceNormalization",
    (g, x, { scale, bias }) => call(g, "InstanceNormalization", [x, scale, bias], { epsilon: 0.1 }),
    { least: 3, more: perChannel },
  ),
  LRN: [
    ...grid("LRN", (g, x) => call(g, "LRN", [x], { size: 5, alpha: 1.5, bias: 0.8 })),
    ...grid("LRN of an even window", (g, x) => call(g, "LRN", [x], { size: 4, alpha: 2, beta: 1.3, bias: 1.2 })),
  ],
  LayerNormalization: [
    ...grid(
      "LayerNormalization from axis 1",
      (g, x, { scale, bias }) => call(g, "LayerNormalization", [x, scale, bias], { axis: 1, epsilon: 0.1 }),
      { more: (shape) => ({ scale: shape.slice(1), bias: shape.slice(1) }) },
    ),
    ...grid(
      "LayerNormalization of the last axis, one scale and no bias",
      (g, x, { scale }) => call(g, "LayerNormalization", [x, scale], { epsilon: 0.1 }),
      { least: 4, more: () => ({ scale: [1] }) },
    ),
  ],
  // Over one row these are constant.
  LpNormalization: [
    ...grid("LpNormalization", (g, x) => call(g, "LpNormalization", [x], { axis: 0 }), {
      rows: [3],
      values: [0.5, 1.5],
    }),
    ...grid("LpNormalization by sums", (g, x) => call(g, "LpNormalization", [x], { axis: 0, p: 1 }), {
      rows: [3],
      values: [0.5, 1.5],
    }),
    one("LpNormalization of the last axis", { x: ["N", 4] }, (g, { x }) => g.op("LpNormalization", [x])),
  ],
  MeanVarianceNormalization: [
    ...grid("MeanVarianceNormalization", (g, x) => call(g, "MeanVarianceNormalization", [x], { axes: [0, 1] }), {
      rows: [3],
      values: "apart",
    }),
    one("MeanVarianceNormalization of images", { x: ["N", 3, 2, 4] }, (g, { x }) =>
      g.op("MeanVarianceNormalization", [x]),
    ),
  ],
};
