import type { Initializer } from "../../../runtime/layers/index.js";
import type { Message } from "../../source/prototxt/message.js";
import { readFiller } from "./fillers.js";
import type { LayerContext } from "./types.js";

/** The options that layers with a weight and a bias share. */
export interface WeightOptions {
  readonly weights?: Initializer;
  readonly bias?: Initializer | false;
  readonly lr?: number | readonly number[];
  readonly decay?: number | readonly number[];
}

/** Reads weight_filler, bias_filler, bias_term and the layer's `param` entries. */
export function readWeights(context: LayerContext, settings: Message): WeightOptions {
  const { layer } = context;
  const hasBias = settings.boolean("bias_term");
  const weights = readFiller(context, settings, "weight_filler");
  const bias = hasBias ? readFiller(context, settings, "bias_filler") : false;
  if (!hasBias) context.ignore(settings, ["bias_filler"], "bias_term is false");
  const count = hasBias ? 2 : 1;
  const extra = layer.parameters[count];
  if (extra !== undefined) {
    const message = `it has ${layer.parameters.length} param entries, expected at most ${count}: one for each of its arrays`;
    context.problem("CAFFE_FIELD_INVALID", message, { at: extra.at });
  }
  return {
    ...(weights === undefined ? {} : { weights }),
    ...(bias === undefined ? {} : { bias }),
    ...multipliers(context, "lr", "lr_mult", count),
    ...multipliers(context, "decay", "decay_mult", count),
  };
}

type Multipliers = Pick<WeightOptions, "lr" | "decay">;

/** A multiplier that is not given is 1 (caffe.proto, ParamSpec). */
function multipliers(context: LayerContext, key: "lr" | "decay", field: string, count: number): Multipliers {
  const specs = context.layer.parameters;
  const values = Array.from({ length: count }, (_, index) => specs[index]?.[key] ?? 1);
  for (const spec of specs) {
    if (Number.isFinite(spec[key]) && spec[key] >= 0) continue;
    context.problem("CAFFE_FIELD_INVALID", `its ${field} is ${spec[key]}, expected a number ≥ 0`, { at: spec.at });
  }
  const [first = 1] = values;
  if (values.every((value) => value === first)) return first === 1 ? {} : { [key]: first };
  return { [key]: values };
}
