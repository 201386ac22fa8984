import { CompileError } from "../errors.js";
import { show } from "./plain.js";
import { tensorsOf } from "./tensors.js";
import type { Network } from "./types.js";

/** The version of the plain data that networks are. */
export const networkFormat = 2;

/**
 * The network that a value is, whichever copy of the package made it.
 *
 * @throws CompileError if it is none, or has the format of another version
 */
export function requireNetwork(value: unknown): Network {
  if (typeof value !== "object" || value === null || !("kind" in value) || value.kind !== "network") {
    const message = `the network is ${show(value)}, expected what model() gives`;
    throw new CompileError({ code: "MODEL_OPTION_INVALID", message });
  }
  const format = "format" in value ? value.format : undefined;
  if (format === networkFormat) return requireWhole(value as Network);
  const name = "name" in value ? ` ${show(value.name)}` : "";
  throw new CompileError({
    code: "MODEL_FORMAT_DIFFERENT",
    message:
      `the network${name} was made by another version of paramserv: ` +
      `its format is ${show(format)}, expected ${networkFormat}`,
    hint: "make and use it with one version of the package: `npm ls paramserv` lists those that are installed",
  });
}

/** Layers are known by identity, which a trip through JSON loses. */
function requireWhole(network: Network): Network {
  const { name, layers, inputs, labels } = network;
  const lists = [layers, inputs, labels, network.variables];
  const known = lists.every(Array.isArray) && new Set(layers);
  const strangers =
    known && [...inputs, ...labels, ...layers.flatMap(tensorsOf)].some(({ layer }) => !known.has(layer));
  if (known && !strangers) return network;
  throw new CompileError({
    code: "MODEL_OPTION_INVALID",
    message: `the network ${show(name)} is not as model() made it: its layers do not belong together`,
    hint: "a copy through JSON makes several layers of one; structuredClone keeps them",
  });
}
