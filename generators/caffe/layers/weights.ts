import type { Initializer } from "../../../runtime/layers/index.js";
import { flag } from "../../source/fields/kinds.js";
import { unless } from "../../source/fields/wrappers.js";
import { filler } from "./fillers.js";
import type { LayerContext } from "./types.js";

/** The options that layers with a weight and a bias share. */
export interface WeightOptions {
  readonly weights: Initializer;
  readonly bias: Initializer | false;
  readonly lr?: number | readonly number[];
  readonly decay?: number | readonly number[];
}

/** The fields of a layer with a weight and a bias. */
export const weightFields = {
  bias_term: flag(),
  weight_filler: filler(),
  bias_filler: unless(filler(), {
    when: (source) => source.one("bias_term") === false,
    because: "bias_term is false",
  }),
};

interface WeightSettings {
  readonly weight_filler: Initializer;
  readonly bias_filler: Initializer | undefined;
}

/** Initializers of a layer, and the multipliers of its `param` entries. */
export function weightOptions(context: LayerContext, { weight_filler, bias_filler }: WeightSettings): WeightOptions {
  const { layer } = context;
  const count = bias_filler === undefined ? 1 : 2;
  const extra = layer.parameters[count];
  if (extra !== undefined) {
    const message = `it has ${layer.parameters.length} param entries, expected at most ${count}: one for each of its arrays`;
    context.problem("CAFFE_FIELD_INVALID", message, { at: extra.at });
  }
  return {
    weights: weight_filler,
    bias: bias_filler ?? false,
    ...multipliers(context, "lr", count),
    ...multipliers(context, "decay", count),
  };
}

/** A multiplier that is not given is 1 (caffe.proto, ParamSpec). */
function multipliers(context: LayerContext, key: "lr" | "decay", count: number): Pick<WeightOptions, "lr" | "decay"> {
  const specs = context.layer.parameters;
  const values = Array.from({ length: count }, (_, index) => specs[index]?.[key] ?? 1);
  const [first = 1] = values;
  if (values.every((value) => value === first)) return first === 1 ? {} : { [key]: first };
  return { [key]: values };
}
