import { CompileError } from "../errors.js";
import { show } from "./plain.js";
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
  if (format === networkFormat) return value as Network;
  const name = "name" in value ? ` ${show(value.name)}` : "";
  throw new CompileError({
    code: "MODEL_FORMAT_DIFFERENT",
    message:
      `the network${name} was made by another version of paramserv: ` +
      `its format is ${show(format)}, expected ${networkFormat}`,
    hint: "make and use it with one version of the package: `npm ls paramserv` lists those that are installed",
  });
}
