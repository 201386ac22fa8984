import type { Problem } from "../errors.js";
import { isRecord } from "../json.js";
import { checkNumber, show, unknownKeys } from "../optimizers/checks.js";
import { expected } from "./option-problems.js";
import type { EarlyStopping, EpochRecord } from "./types.js";

/** Whether lower is better where nobody says: losses fall, everything else rises. */
export function modeOf(monitor: string): "min" | "max" {
  return /loss|error/i.test(monitor) ? "min" : "max";
}

/** Says when a figure has not got better for long enough (Keras, callbacks.EarlyStopping). */
export class EarlyStop {
  readonly #monitor: string;
  readonly #sign: 1 | -1;
  readonly #patience: number;
  readonly #minDelta: number;
  #best = Number.NEGATIVE_INFINITY;
  #waited = 0;

  constructor({ monitor = "loss", mode = modeOf(monitor), patience = 0, minDelta = 0 }: EarlyStopping) {
    this.#monitor = monitor;
    this.#sign = mode === "min" ? -1 : 1;
    this.#patience = patience;
    this.#minDelta = minDelta;
  }

  /** Takes in an epoch. An epoch without the figure says nothing. */
  isEnough({ validation, train }: EpochRecord): boolean {
    const value = (validation ?? train)[this.#monitor];
    if (value === undefined || Number.isNaN(value)) return false;
    const signed = this.#sign * value;
    if (signed > this.#best + this.#minDelta) {
      this.#best = signed;
      this.#waited = 0;
      return false;
    }
    this.#waited += 1;
    return this.#waited >= Math.max(1, this.#patience);
  }
}

/** Everything wrong with what a caller gave for {@link EarlyStopping}. */
export function earlyStoppingProblems(value: unknown): readonly Problem[] {
  if (!isRecord(value)) return expected("earlyStopping", value, "an object such as { monitor, patience }", false);
  const { monitor, mode, patience = 0, minDelta = 0 } = value;
  const what = "earlyStopping";
  const messages = [
    ...unknownKeys(what, value, ["monitor", "mode", "patience", "minDelta"]),
    monitor === undefined || typeof monitor === "string"
      ? undefined
      : `${what}: monitor is ${show(monitor)}; expected the name of a figure`,
    mode === undefined || mode === "min" || mode === "max"
      ? undefined
      : `${what}: mode is ${show(mode)}; expected "min" or "max"`,
    checkNumber({ what, name: "patience", value: patience, rule: { min: 0, integer: true } }),
    checkNumber({ what, name: "minDelta", value: minDelta, rule: { min: 0 } }),
  ];
  return messages
    .filter((message) => message !== undefined)
    .map((message): Problem => ({ code: "PARAMSERV_OPTION_INVALID", message }));
}
