import { CompileError, type ErrorCode, isBaseError, type Problem, type SourceRef } from "../errors.js";

/** Collects the problems of one layer, so that all come at once. */
export class Problems {
  readonly #list: Problem[] = [];
  readonly #title: string;
  readonly #at: SourceRef | undefined;

  constructor(title: string, at: SourceRef | undefined) {
    this.#title = title;
    this.#at = at;
  }

  /** Notes a problem unless `ok`. */
  check(ok: boolean, code: ErrorCode, message: string, hint?: string): void {
    if (ok) return;
    this.#list.push({
      code,
      message: `${this.#title}: ${message}`,
      ...(this.#at !== undefined && { at: this.#at }),
      ...(hint !== undefined && { hint }),
    });
  }

  /** Throws a problem with those noted so far. */
  fail(code: ErrorCode, message: string, hint?: string): never {
    this.check(false, code, message, hint);
    throw new CompileError(this.#list);
  }

  throwIfAny(): void {
    if (this.#list.length > 0) throw new CompileError(this.#list);
  }

  /**
   * Runs a part of the layer. What an operator refuses there is a problem of the layer; it is left out where problems
   * were noted already, since it follows from them.
   */
  during<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (!isBaseError(error)) throw error;
      const refused = error.problems.filter(({ code }) => code === "GRAPH_NODE_INVALID");
      if (refused.length < error.problems.length) throw error;
      this.throwIfAny();
      for (const { message, hint } of refused) {
        this.check(false, "LAYER_SHAPE_MISMATCH", withoutNodeName(message), hint);
      }
      throw new CompileError(this.#list, { cause: error });
    }
  }
}

/** `Conv "Conv_2": it has …` without the name of a node that readers never see. */
function withoutNodeName(message: string): string {
  return message.replace(/^(\w+) "(?:[^"\\]|\\.)*": /, "$1: ");
}
