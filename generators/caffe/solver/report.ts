import { type ErrorCode, isBaseError, type Problem, type SourceRef } from "../../../runtime/errors.js";
import type { Problems } from "../../source/problems.js";
import type { Message } from "../../source/prototxt/message.js";

interface Remark {
  readonly at: SourceRef;
  readonly hint?: string;
}

/** Where the rules of a solver leave problems and notes. */
export class SolverReport {
  readonly #problems: Problems;
  readonly #notes: Problems;
  #failed = false;

  constructor(problems: Problems, notes: Problems) {
    this.#problems = problems;
    this.#notes = notes;
  }

  get failed(): boolean {
    return this.#failed;
  }

  problem(code: ErrorCode, message: string, remark: Remark): void {
    this.#failed = true;
    this.#problems.add(about(code, message, remark));
  }

  note(code: ErrorCode, message: string, remark: Remark): void {
    this.#notes.add(about(code, message, remark));
  }

  ignore(message: Message, fields: readonly string[], reason: string): void {
    for (const field of fields) {
      if (!message.has(field)) continue;
      this.note("CAFFE_FIELD_IGNORED", `its ${field} has no effect here: ${reason}`, { at: message.at(field) });
    }
  }

  /** The result of a function of the runtime; its problems become ours, at this place. */
  adopting<T>(at: SourceRef, make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      if (!isBaseError(error)) throw error;
      this.#failed = true;
      this.#problems.addAll(error.problems.map((problem) => ({ at, ...problem })));
      return undefined;
    }
  }
}

function about(code: ErrorCode, message: string, { at, hint }: Remark): Problem {
  const problem = { code, message: `solver: ${message}`, at };
  return hint === undefined ? problem : { ...problem, hint };
}
