import { constantContents } from "./constants.js";
import type { ConstantData, Contents, Value } from "./types.js";

/** What is known of values before a graph runs. A nested graph also knows what the graphs around it know. */
export class Facts {
  readonly #around: Facts | undefined;
  readonly #constants = new Map<string, ConstantData>();
  readonly #contents = new Map<string, Contents>();

  constructor(around?: Facts) {
    this.#around = around;
  }

  constant(value: Value | undefined): ConstantData | undefined {
    return value && (this.#constants.get(value.name) ?? this.#around?.constant(value));
  }

  contents(value: Value | undefined): Contents | undefined {
    return value && (this.#contents.get(value.name) ?? this.#around?.contents(value));
  }

  learnConstant({ name }: Value, data: ConstantData): void {
    this.#constants.set(name, data);
    const contents = constantContents(data);
    if (contents) this.#contents.set(name, contents);
  }

  learnContents({ name }: Value, contents: Contents): void {
    this.#contents.set(name, contents);
  }
}
