import type { ErrorCode, Problem } from "../errors.js";
import { RunError } from "../errors.js";

/** Problems shown of one run; the rest are counted. A file with a wrong column would otherwise fill the screen. */
const shown = 20;

/** Collects everything that is wrong with the data, so that it is reported at once. */
export class ProblemList {
  readonly #problems: Problem[] = [];
  #more = 0;

  add(code: ErrorCode, message: string, extra: Pick<Problem, "at" | "hint"> = {}): void {
    if (this.#problems.length < shown) this.#problems.push({ code, message, ...extra });
    else this.#more += 1;
  }

  /** Problems so far, those that are only counted included. */
  get count(): number {
    return this.#problems.length + this.#more;
  }

  /** Throws one RunError with all problems, if there are any. */
  throwIfAny(): void {
    const [first, ...rest] = this.#problems;
    if (first === undefined) return;
    if (this.#more === 0) throw new RunError([first, ...rest]);
    const last = rest.at(-1) ?? first;
    const more = { code: last.code, message: `and ${this.#more} more problems of this kind or others` };
    throw new RunError([first, ...rest, more]);
  }
}

/** A RunError with one problem. */
export function dataError(code: ErrorCode, message: string, extra: Pick<Problem, "at" | "hint"> = {}): RunError {
  return new RunError({ code, message, ...extra });
}
