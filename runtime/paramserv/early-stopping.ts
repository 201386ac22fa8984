import { type Problem, RunError } from "../errors.js";
import { isRecord } from "../json.js";
import { checkNumber, show, unknownKeys } from "../optimizers/checks.js";
import { suggest } from "../options/suggest.js";
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
  #isKnown = false;

  constructor({ monitor = "loss", mode = modeOf(monitor), patience = 0, minDelta = 0 }: EarlyStopping) {
    this.#monitor = monitor;
    this.#sign = mode === "min" ? -1 : 1;
    this.#patience = patience;
    this.#minDelta = minDelta;
  }

  /**
   * Takes in an epoch. One in which no row had any weight in the figure says nothing.
   *
   * @throws RunError PARAMSERV_OPTION_INVALID where the first epoch does not have the figure
   */
  isEnough({ validation, train }: EpochRecord): boolean {
    const figures = validation ?? train;
    const value = figures[this.#monitor];
    if (value === undefined && !this.#isKnown) throw unknownFigure(this.#monitor, Object.keys(figures));
    this.#isKnown = true;
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

/** A run would never stop by a figure that there is not. */
function unknownFigure(monitor: string, names: readonly string[]): RunError {
  const near = suggest(monitor, names);
  const message = `earlyStopping: there is no figure ${show(monitor)} in the first epoch; there are ${names.join(", ")}`;
  const hint = near === undefined ? "metrics are a network's, or what val or upd returns" : `did you mean ${near}?`;
  return new RunError({ code: "PARAMSERV_OPTION_INVALID", message, hint });
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
