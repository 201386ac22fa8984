import type { SourceRef } from "../../../runtime/errors.js";
import type { Notes } from "../../source/problems.js";

/** Gives out names once: Caffe allows two layers of one name, a network does not. */
export class Names {
  readonly #taken = new Set<string>();
  /** The last number that was given to a name; counting on from it keeps many equal names cheap. */
  readonly #numbers = new Map<string, number>();
  readonly #notes: Notes;

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  /** The name, or a numbered one, with a note, where it is taken. */
  take(wanted: string, at: SourceRef): string {
    const name = this.free(wanted);
    if (name !== wanted) {
      const message = `the name "${wanted}" is taken; this layer is called "${name}"`;
      this.#notes.add({ message, at });
    }
    return name;
  }

  /** The name, or a numbered one where it is taken. */
  free(wanted: string): string {
    let name = wanted;
    let number = this.#numbers.get(wanted) ?? 1;
    while (this.#taken.has(name)) name = `${wanted}_${++number}`;
    this.#numbers.set(wanted, number);
    this.#taken.add(name);
    return name;
  }
}
