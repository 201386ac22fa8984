import type { NDArray } from "../data/types.js";
import { place } from "../program/layout.js";
import type { ParameterLayout } from "../program/types.js";
import type { ParameterList } from "./types.js";

export type PlacedParameter = Omit<ParameterLayout, "initializer">;

/** Where the parameters lie in every flat buffer: weights, gradients, optimizer slots. */
export interface ModelLayout {
  readonly parameters: readonly PlacedParameter[];
  /** Floats, padding included. */
  readonly size: number;
}

/** The layout of a model that no program describes: parameters in their order, all learned at the plain rate. */
export function layoutOfList(model: ParameterList): ModelLayout {
  return place(Object.entries(model).map(([name, { shape }]) => ({ name, shape, lr: 1, decay: 1 })));
}

/** The parameters of a flat buffer by name, as views of it. */
export function viewsByName({ parameters }: ModelLayout, flat: Float32Array): ParameterList {
  return Object.fromEntries(
    parameters.map(({ name, shape, offset, length }): [string, NDArray<Float32Array>] => {
      return [name, { shape, data: flat.subarray(offset, offset + length) }];
    }),
  );
}

/** The parameters of a flat buffer by name, each a copy of its own. */
export function copiesByName(layout: ModelLayout, flat: Float32Array): ParameterList {
  const views = Object.entries(viewsByName(layout, flat));
  return Object.fromEntries(views.map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]));
}
