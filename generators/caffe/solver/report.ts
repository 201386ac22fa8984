import { type ErrorCode, isBaseError, type Note, type SourceRef } from "../../../runtime/errors.js";
import type { FieldReport } from "../../source/fields/field.js";
import type { Notes, Problems } from "../../source/problems.js";
import { faultCodes } from "../fault-codes.js";

interface Remark {
  readonly at: SourceRef;
  readonly hint?: string;
}

/** Where the rules of a solver leave problems and notes. */
export class SolverReport {
  readonly #problems: Problems;
  readonly #notes: Notes;
  #failed = false;

  constructor(problems: Problems, notes: Notes) {
    this.#problems = problems;
    this.#notes = notes;
  }

  get failed(): boolean {
    return this.#failed;
  }

  problem(code: ErrorCode, message: string, remark: Remark): void {
    this.#failed = true;
    this.#problems.add({ code, ...about(message, remark) });
  }

  note(message: string, remark: Remark): void {
    this.#notes.add(about(message, remark));
  }

  get fields(): FieldReport {
    return {
      problem: (fault, message, { code = faultCodes[fault], ...remark }) => this.problem(code, message, remark),
      note: (message, at) => this.note(message, { at }),
      idle: (name, reason, at) => this.note(`its ${name} has no effect here: ${reason}`, { at }),
    };
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

function about(message: string, { at, hint }: Remark): Note {
  const note = { message: `solver: ${message}`, at };
  return hint === undefined ? note : { ...note, hint };
}
