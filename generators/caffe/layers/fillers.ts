import { constant, gaussian, type Initializer, msra, uniform, xavier } from "../../../runtime/layers/index.js";
import { type Field, fieldRules } from "../../source/fields/field.js";
import { group, number } from "../../source/fields/kinds.js";
import { choice, variant, variants } from "../../source/fields/words.js";

const fan = choice({ FAN_IN: "in", FAN_OUT: "out", AVERAGE: "average" });

const fanOption = (variance_norm: "in" | "out" | "average") => (variance_norm === "in" ? {} : { fan: variance_norm });

/** Fillers with an initializer of ours (BVLC/caffe include/caffe/filler.hpp; defaults: caffe.proto, FillerParameter). */
export const fillerRules = fieldRules({
  message: "FillerParameter",
  fields: {
    filler: variants<Initializer>({
      by: "type",
      code: "CAFFE_FILLER_UNKNOWN",
      unsupported: ["positive_unitball", "bilinear"],
      variants: {
        constant: variant({ value: number() }, ({ value }) => constant(value)),
        uniform: variant({ min: number(), max: number() }, uniform, [
          {
            of: ["min", "max"],
            check: ({ min, max }, { problem, within }) => {
              if (min <= max) return;
              problem("invalid", `it has ${within}min ${min} and max ${max}, expected min ≤ max`);
            },
          },
        ]),
        gaussian: variant({ mean: number(), std: number("a number ≥ 0", (std) => std >= 0) }, gaussian),
        xavier: variant({ variance_norm: fan }, ({ variance_norm }) => xavier(fanOption(variance_norm))),
        msra: variant({ variance_norm: fan }, ({ variance_norm }) => msra(fanOption(variance_norm))),
      },
    }),
  },
  refused: { sparse: { when: (value) => Number(value) >= 0, because: "all weights start by the filler" } },
});

/** The initializer of a filler field. Caffe's filler is the constant 0 where the file gives none. */
export function filler(): Field<Initializer> {
  const field = group(fillerRules);
  return {
    ...field,
    kind: "filler",
    read: (reading) => {
      const read = field.read(reading);
      return read && { value: read.value?.filler ?? constant(0) };
    },
  };
}
