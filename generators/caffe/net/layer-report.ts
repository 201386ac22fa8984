import type { ErrorCode, Note, Problem } from "../../../runtime/errors.js";
import type { FieldReport } from "../../source/fields/field.js";
import type { Notes, Problems } from "../../source/problems.js";
import { faultCodes } from "../fault-codes.js";
import type { LayerContext, Remark } from "../layers/types.js";
import { type LayerDefinition, titleOf } from "./definition.js";

/** What one layer's row is given; it remembers whether the layer failed. */
export class LayerReport implements LayerContext {
  readonly layer: LayerDefinition;
  readonly name: string;
  readonly #problems: Problems;
  readonly #notes: Notes;
  #failed = false;

  constructor(parts: { layer: LayerDefinition; name: string; problems: Problems; notes: Notes }) {
    this.layer = parts.layer;
    this.name = parts.name;
    this.#problems = parts.problems;
    this.#notes = parts.notes;
  }

  get failed(): boolean {
    return this.#failed;
  }

  get fields(): FieldReport {
    return {
      problem: (fault, message, { code = faultCodes[fault], ...remark }) => this.problem(code, message, remark),
      note: (message, at) => this.note(message, { at }),
      idle: (name, reason, at) => this.note(`${name} has no effect here: ${reason}`, { at }),
    };
  }

  problem(code: ErrorCode, message: string, remark: Remark = {}): void {
    this.#failed = true;
    this.#problems.add({ code, ...this.#about(message, remark) });
  }

  /** Adds problems that another room has found in this layer. */
  adopt(problems: readonly Problem[]): void {
    this.#failed = true;
    this.#problems.addAll(problems.map((problem) => ({ at: this.layer.at, ...problem })));
  }

  note(message: string, remark: Remark = {}): void {
    this.#notes.add(this.#about(message, remark));
  }

  #about(message: string, { at = this.layer.at, hint }: Remark): Note {
    const note = { message: `${titleOf(this.layer)}: ${message}`, at };
    return hint === undefined ? note : { ...note, hint };
  }
}
