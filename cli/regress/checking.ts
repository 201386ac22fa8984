import { isBaseError, type Problem } from "../../runtime/errors.js";
import type { Finding, Part, PartState } from "./types.js";

/** What every part of a check is given. */
export interface Checking {
  readonly directory: string;
  /** Seconds for a model. */
  readonly timeout: number;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

/** A part that was checked. */
export interface Checked<Value> {
  readonly state: PartState;
  readonly findings: readonly Finding[];
  readonly value?: Value;
}

/** What problems of a part come to. */
export function failed(part: Part, problems: readonly Problem[]): Checked<never> {
  return { state: "failed", findings: problems.map((problem) => ({ part, ...problem })) };
}

/** An error as problems: also a defect of ours is a result here, so that the other models are still checked. */
export function problemsOf(error: unknown): readonly Problem[] {
  if (isBaseError(error)) return error.problems;
  return [{ code: "INTERNAL", message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }];
}

/** Does the work of a part; an error is its result. */
export async function attempt<Value>(part: Part, work: () => Promise<Checked<Value>>): Promise<Checked<Value>> {
  try {
    return await work();
  } catch (error) {
    return failed(part, problemsOf(error));
  }
}
