import { constant, gaussian, type Initializer, msra, uniform, xavier } from "../../../runtime/layers/index.js";
import { nearestName } from "../../source/nearest.js";
import type { Message } from "../../source/prototxt/message.js";
import type { LayerContext } from "./types.js";

type Fan = "in" | "out" | "average";

const fans: Readonly<Record<string, Fan>> = { FAN_IN: "in", FAN_OUT: "out", AVERAGE: "average" };

interface Filler {
  /** The fields of FillerParameter that it reads. */
  readonly fields: readonly string[];
  read(filler: Message): Initializer;
}

function fanOption(filler: Message): { readonly fan?: Fan } {
  const fan = fans[filler.text("variance_norm")] ?? "in";
  return fan === "in" ? {} : { fan };
}

/** The fillers that have an initializer (BVLC/caffe include/caffe/filler.hpp; defaults: caffe.proto, FillerParameter). */
const fillers: Readonly<Record<string, Filler>> = {
  constant: { fields: ["value"], read: (filler) => constant(filler.number("value")) },
  uniform: {
    fields: ["min", "max"],
    read: (filler) => uniform({ min: filler.number("min"), max: filler.number("max") }),
  },
  gaussian: {
    fields: ["mean", "std", "sparse"],
    read: (filler) => gaussian({ mean: filler.number("mean"), std: filler.number("std") }),
  },
  xavier: { fields: ["variance_norm"], read: (filler) => xavier(fanOption(filler)) },
  msra: { fields: ["variance_norm"], read: (filler) => msra(fanOption(filler)) },
};

/** Known to Caffe, without an initializer of ours. */
const unsupported = ["positive_unitball", "bilinear"];

/**
 * The initializer of a filler field. Caffe's filler is the constant 0 where the file gives none.
 * Undefined after reporting one that cannot be kept.
 */
export function readFiller(context: LayerContext, settings: Message, field: string): Initializer | undefined {
  const filler = settings.message(field);
  if (filler === undefined) return constant(0);
  const type = filler.text("type");
  const known = Object.hasOwn(fillers, type) ? fillers[type] : undefined;
  if (known === undefined) {
    const names = [...Object.keys(fillers), ...unsupported];
    const isKnown = unsupported.includes(type);
    const nearest = nearestName(type, names);
    const message = isKnown ? "which Caffe knows but is not supported yet" : `expected one of ${names.join(", ")}`;
    context.problem("CAFFE_FILLER_UNKNOWN", `its ${field} has type "${type}", ${message}`, {
      at: filler.at("type"),
      ...(isKnown || nearest === undefined ? {} : { hint: `the nearest filler is "${nearest}"` }),
    });
    return undefined;
  }
  if (filler.number("sparse") >= 0) {
    const message = `its ${field} has sparse ${filler.number("sparse")}, which is not supported`;
    context.problem("CAFFE_FIELD_UNSUPPORTED", message, { at: filler.at("sparse") });
    return undefined;
  }
  const without = filler.given.filter((name) => name !== "type" && !known.fields.includes(name));
  context.ignore(filler, without, `the filler "${type}" does not use it`);
  if (!known.fields.every((name) => name === "variance_norm" || Number.isFinite(filler.number(name)))) {
    context.problem("CAFFE_FIELD_INVALID", `its ${field} has a value that is not finite`, { at: filler.at() });
    return undefined;
  }
  if (type === "uniform" && filler.number("min") > filler.number("max")) {
    const found = `min ${filler.number("min")} and max ${filler.number("max")}`;
    context.problem("CAFFE_FIELD_INVALID", `its ${field} has ${found}, expected min ≤ max`, { at: filler.at() });
    return undefined;
  }
  return known.read(filler);
}
