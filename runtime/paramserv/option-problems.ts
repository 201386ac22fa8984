import type { Problem } from "../errors.js";
import { show } from "../optimizers/checks.js";

/** A problem of an option that is not `what` it should be. */
export function expected(name: string, value: unknown, what: string, fits: boolean): readonly Problem[] {
  return fits ? [] : [invalid(`${name} is ${show(value)}; expected ${what}`)];
}

export function invalid(message: string): Problem {
  return { code: "PARAMSERV_OPTION_INVALID", message };
}
