import { constant } from "../layers/initializers.js";
import { place, viewsByName } from "../program/layout.js";
import type { VariableBuffer } from "../program/types.js";
import type { ParameterList } from "./types.js";

/** The layout of a model that no program describes: parameters in their order, all learned at the plain rate. */
export function layoutOfList(model: ParameterList): VariableBuffer {
  return place(
    Object.entries(model).map(([name, { shape }]) => {
      return { name, shape, role: "trained", initializer: constant(0), lr: 1, decay: 1 } as const;
    }),
  );
}

/** The variables that have gradients, as a buffer of their own: the first part of the whole. */
export function trainedPart({ variables, trained }: VariableBuffer): VariableBuffer {
  const own = variables.filter(({ role }) => role === "trained");
  return { variables: own, trained, pushed: trained, size: trained };
}

/** The variables of a flat buffer by name, each a copy of its own. */
export function copiesByName(layout: VariableBuffer, flat: Float32Array): ParameterList {
  const views = Object.entries(viewsByName(layout, flat));
  return Object.fromEntries(views.map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]));
}
