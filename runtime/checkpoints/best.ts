import { type Problem, UsageError } from "../errors.js";
import { isRecord } from "../json.js";
import type { Means } from "./manifest.js";

/** What makes weights the best: a mean of the validation that is the least, or the greatest. */
export interface BestRule {
  /** `loss`, `accuracy`: a name of {@link Means}. */
  readonly metric: string;
  readonly mode: "min" | "max";
}

/** The best checkpoint so far: `best.json`. */
export interface Best extends BestRule {
  readonly version: number;
  readonly epoch: number;
  /** The metric's value. */
  readonly value: number;
  readonly validation: Means;
}

const prefix = "validation.";

/**
 * Reads `validation.accuracy`, `accuracy`, `validation.rmse:min`. Without `:min` or `:max` losses are to be small, and
 * everything else great.
 *
 * @param losses the names of the network's losses, beside `loss`, their total
 * @throws UsageError CLI_OPTION_INVALID
 */
export function parseBest(text: string, losses: readonly string[]): BestRule {
  const [, name, mode] = /^([^:]+?)(?::(min|max))?$/.exec(text) ?? [];
  const metric = name?.startsWith(prefix) ? name.slice(prefix.length) : name;
  if (metric === undefined || metric === "" || metric.startsWith("train.")) {
    const expected = "expected the name of a mean of the validation, such as validation.accuracy or validation.loss";
    const problem: Problem = {
      code: "CLI_OPTION_INVALID",
      at: { path: "--best" },
      message: `found ${JSON.stringify(text)}, ${expected}`,
      hint: "NAME:min or NAME:max says which values are good; losses are to be small, others great",
    };
    throw new UsageError(problem);
  }
  const usual = metric === "loss" || losses.includes(metric) ? "min" : "max";
  return { metric, mode: mode === "min" || mode === "max" ? mode : usual };
}

/** Whether a value is better than the best so far. Equal ones are not: the earlier stays, as in Keras' ModelCheckpoint. */
export function isBetter({ mode }: BestRule, value: number, best: number | undefined): boolean {
  if (!Number.isFinite(value)) return false;
  if (best === undefined) return true;
  return mode === "min" ? value < best : value > best;
}

/** What `best.json` says, where it is of this rule; undefined where it is damaged or of another. */
export function readBest(value: unknown, { metric, mode }: BestRule): Best | undefined {
  if (!isRecord(value) || value.metric !== metric || value.mode !== mode) return undefined;
  const numbers = [value.version, value.epoch, value.value];
  return numbers.every(Number.isFinite) && isRecord(value.validation) ? (value as unknown as Best) : undefined;
}
