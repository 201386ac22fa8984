import { type ErrorCode, isBaseError, type Note, type SourceRef } from "../../../runtime/errors.js";
import type { Notes, Problems } from "../../source/problems.js";
import type { Message } from "../../source/prototxt/message.js";

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

  ignore(message: Message, fields: readonly string[], reason: string): void {
    for (const field of fields) {
      if (!message.has(field)) continue;
      this.note(`its ${field} has no effect here: ${reason}`, { at: message.at(field) });
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

function about(message: string, { at, hint }: Remark): Note {
  const note = { message: `solver: ${message}`, at };
  return hint === undefined ? note : { ...note, hint };
}
