import fc from "fast-check";
import type { Initializer, Network, Scalar, Tensor } from "../../runtime/layers/index.js";
import * as layers from "../../runtime/layers/index.js";

const { constant, gaussian, onnx, variable, xavier } = layers;

const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });

const initializer: fc.Arbitrary<Initializer> = fc.oneof(
  real(-1, 1).map((value) => constant(value)),
  fc.record({ std: real(0, 2) }).map((options) => gaussian(options)),
  fc.constantFrom("in" as const, "out" as const, "average" as const).map((fan) => xavier({ fan })),
);

/** Makes a layer of `[channels, height, width]`, and gives an image again. */
type Step = (x: Tensor, name: string) => Tensor;

const channelsOf = (x: Tensor): number => Number(x.shape[1]);

const step = <Options>(
  options: fc.Arbitrary<Options>,
  make: (x: Tensor, name: string, options: Options) => Tensor,
): fc.Arbitrary<Step> => options.map((given) => (x: Tensor, name: string) => make(x, name, given));

const convolution = { filters: fc.integer({ min: 1, max: 4 }), kernel: fc.constant(1), bias: initializer };
const normalization = { scale: fc.oneof(initializer, fc.constant(false as const)), epsilon: real(1e-6, 1) };
const shared = { initializer, role: fc.constantFrom("trained" as const, "frozen" as const), decay: real(0, 1) };

const withWeights = fc.oneof(
  step(fc.record({ ...convolution, weights: initializer }), (x, name, options) =>
    layers.conv2d(x, { name, ...options }),
  ),
  step(fc.record({ ...normalization, momentum: real(0, 1) }), (x, name, options) =>
    layers.batchNorm(x, { name, ...options }),
  ),
  step(fc.record({ slopes: initializer, lr: real(0, 2) }), (x, name, options) => layers.prelu(x, { name, ...options })),
  // A variable of its own, which two layers take.
  step(fc.record(shared), (x, name, options) => {
    const slopes = variable(`${name} slopes`, [channelsOf(x)], options);
    const y = layers.prelu(x, { name, slopes });
    return layers.groupNorm(y, { name: `${name} again`, groups: 1, scale: slopes, offset: false });
  }),
);

const window = { kernel: fc.constant(2), stride: fc.integer({ min: 1, max: 2 }) };

const withoutWeights = fc.oneof(
  step(fc.record(window), (x, name, options) => layers.maxPool2d(x, { name, rounding: "ceil", ...options })),
  step(real(0, 0.9), (x, name, rate) => layers.dropout(x, { name, rate })),
  step(real(0, 3), (x, name, slope) => layers.leakyRelu(x, { name, slope })),
  fc.constantFrom<Step>(
    (x, name) => layers.relu(x, { name }),
    (x, name) => layers.gelu(x, { name, approximate: "tanh" }),
    (x, name) => layers.add([x, x], { name }),
    (x, name) => layers.concat([x, layers.tanh(x, { name: `${name} bent` })], { name, axis: -3 }),
    (x, name) => layers.permute(x, { name, order: [1, 3, 2] }),
  ),
);

const bound = (min: number, max: number) => fc.option(real(min, max), { nil: undefined });

const operators = fc.oneof(
  step(fc.tuple(bound(-1, 0), bound(0, 1)), (x, name, [low, high]) => onnx.Clip(x, low, high, { name })),
  step(real(-3, 3), (x, name, value) => onnx.Mul(x, value, { name })),
  step(fc.array(fc.nat({ max: 2 }), { minLength: 3, maxLength: 5 }), (x, name, rows) =>
    onnx.Gather(x, rows, { name, axis: 2 }),
  ),
  step(fc.integer({ min: 0, max: 2 }), (x, name, part) => {
    const parts = layers.split(x, { name, sizes: [1, 1, Number(x.shape[3]) - 2], axis: 3 });
    const taken = parts[part] ?? x;
    return part === 2 ? taken : layers.upsample(taken, { name: `${name} wide`, scale: [1, 4] });
  }),
);

export interface NamedStep {
  readonly name: string;
  readonly make: Step;
}

/** Layers in a chain. Names may be anything, also empty. */
export const randomSteps: fc.Arbitrary<readonly NamedStep[]> = fc.array(
  fc.record({
    name: fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom("relu", "class", "onnx", "a/b", "a_b", "__proto__")),
    make: fc.oneof(withWeights, withoutWeights, operators),
  }),
  { maxLength: 12 },
);

/** A network of these layers with an output, and where there are weights one loss for each with that factor. */
export function randomNetwork(steps: readonly NamedStep[], name: string, weights: readonly number[]): Network {
  const data = layers.input("data", [3, 64, 64]);
  let x: Tensor = data;
  for (const [index, { name: layer, make }] of steps.entries()) {
    const large = x.shape.slice(1).every((length, axis) => Number(length) > (axis === 0 ? 0 : 2));
    if (large) x = make(x, `${layer.replace(/\p{Cc}/gu, "")}#${index}`);
  }
  const flat = layers.flatten(x, { name: "flat" });
  const size = Number(flat.shape[1]);
  const goals = weights.map((_, index) => layers.target(`goal ${index}`, [size]));
  const losses = goals.map((goal, index): [string, Scalar] => {
    return [`loss ${index}`, layers.meanSquaredError(flat, goal, { name: `distance ${index}` })];
  });
  return layers.model({
    name,
    inputs: [data],
    labels: goals,
    ...(losses.length === 0 ? {} : { losses: Object.fromEntries(losses) }),
    lossWeights: Object.fromEntries(weights.map((weight, index) => [`loss ${index}`, weight])),
    outputs: { y: flat },
  });
}

/** How names of a repeated layer are formed. */
export type BlockNaming = "stem/layer" | "layer_stem_layer" | "numbered";

/** The layers several times over, between others, each time with another number of channels and a shortcut around them. */
export function repeatingNetwork(steps: readonly NamedStep[], times: number, naming: BlockNaming): Network {
  const data = layers.input("data", [3, 16, 16]);
  let x: Tensor = data;
  let count = 0;
  for (let part = 0; part < times; part++) {
    const nameOf = (layer: string): string => {
      count += 1;
      if (naming === "stem/layer") return `part ${part}/${layer}`;
      return naming === "numbered" ? `${layer.replace(/\d/g, "")} ${count}` : `${layer}_${part}_${layer}`;
    };
    const start = layers.conv2d(x, { name: nameOf("in"), filters: 2 + (part % 3), kernel: 1 });
    let y: Tensor = start;
    for (const [index, { name, make }] of steps.entries()) {
      const large = y.shape.slice(1).every((length, axis) => Number(length) > (axis === 0 ? 0 : 2));
      if (large && channelsOf(y) < 100) y = make(y, nameOf(`${name.replace(/\p{Cc}/gu, "")}#${index}`));
    }
    const equal = y.shape.every((length, axis) => length === start.shape[axis]);
    x = equal ? layers.add([start, y], { name: nameOf("sum") }) : layers.gelu(y, { name: nameOf("out") });
    x = layers.upsample(x, { name: nameOf("wide"), scale: [Math.ceil(8 / Number(x.shape[2])), 4] });
    x = layers.onnx.Slice(x, [0, 0], [16, 16], [2, 3], undefined, { name: nameOf("cut") });
  }
  return layers.model({ name: "repeating", inputs: [data], outputs: { x, first: data } });
}
