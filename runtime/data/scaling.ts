import type { Dim } from "../graph/types.js";
import { type ByInput, byInput } from "./by-input.js";
import type { ProblemList } from "./problem-list.js";
import type { InputShape } from "./shapes.js";

/** y = (x − mean) · scale, of the one float input, or by the name of an input. */
export interface ScalingOptions {
  /** Default 1. */
  readonly scale?: ByInput<number> | undefined;
  /** One number, or one a channel (axis 0 of the input's shape). Default 0. */
  readonly mean?: ByInput<number | readonly number[]> | undefined;
}

export interface Scaling {
  readonly scale: number;
  readonly mean: readonly number[];
}

/** What each float input is scaled by. A plain value is for the only one. */
export function scalingOf(
  options: ScalingOptions & { readonly inputs: Readonly<Record<string, InputShape>> },
  problems: ProblemList,
): ReadonlyMap<string, Scaling> {
  const { inputs } = options;
  const scales = byInput("scale", options.scale, inputs, problems);
  const means = byInput("mean", options.mean, inputs, problems);
  return new Map(
    Object.entries(inputs).map(([name, { shape }]) => {
      const scaling = { scale: scales.get(name) ?? 1, mean: [means.get(name) ?? 0].flat() };
      checkScaling(scaling, shape, problems);
      return [name, scaling];
    }),
  );
}

function checkScaling({ scale, mean }: Scaling, shape: readonly Dim[], problems: ProblemList): void {
  if (!Number.isFinite(scale)) problems.add("DATA_OPTION_INVALID", `scale is ${scale}, expected a finite number`);
  const bad = mean.find((value) => !Number.isFinite(value));
  if (bad !== undefined) problems.add("DATA_OPTION_INVALID", `mean holds ${bad}, expected finite numbers`);
  const [channels = 1] = shape;
  if (mean.length !== 1 && mean.length !== channels) {
    const expected = channels === 1 ? "one" : `one or ${channels}, one a channel`;
    problems.add("DATA_OPTION_INVALID", `mean has ${mean.length} numbers, expected ${expected}`);
  }
}

interface Normalisation extends Scaling {
  /** Values of one channel. */
  readonly plane: number;
}

/** In float32 throughout, as a graph computes it (`prepareInGraph`): the results are the same bits. */
export function normalise(values: Float32Array, { mean, scale, plane }: Normalisation): void {
  if (isIdentity({ mean, scale })) return;
  const factor = Math.fround(scale);
  for (let start = 0, channel = 0; start < values.length; start += plane, channel = (channel + 1) % mean.length) {
    const shift = Math.fround(mean[channel] ?? 0);
    for (let index = start; index < start + plane; index++) {
      values[index] = Math.fround((values[index] ?? 0) - shift) * factor;
    }
  }
}

/** Whether scaling changes nothing. */
export function isIdentity({ mean, scale }: Scaling): boolean {
  return scale === 1 && mean.every((value) => value === 0);
}
