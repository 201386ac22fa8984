import { RunError } from "../errors.js";

/** The error of a run in which numbers are not finite any more. */
export function diverged(message: string): RunError {
  const hint = "lower the learning rate, and look for values in the data that are far out or not finite";
  return new RunError({ code: "TRAINING_DIVERGED", message, hint });
}
