interface ConfusionOptions {
  readonly classes: number;
  /** The label that says "none here". */
  readonly ignored?: number | undefined;
  /** The word of each class. */
  readonly names?: readonly string[] | undefined;
}

/** How well one class is told. Figures without anything to divide by are undefined. */
export interface ClassFigures {
  readonly class: number;
  readonly name?: string;
  /** Right among those that were told to be of the class. */
  readonly precision: number | undefined;
  /** Right among those that are of the class. */
  readonly recall: number | undefined;
  /** 2 · precision · recall / (precision + recall); 0 where nothing is right. */
  readonly f1: number | undefined;
  /** Those that are of the class. */
  readonly support: number;
}

/** So many of class `actual` were told to be of class `told`. */
export interface Cell {
  readonly actual: number;
  readonly told: number;
  readonly count: number;
}

/** Counts which classes are taken for which. Only pairs that occur need room. */
export class Confusion {
  readonly classes: number;
  readonly names: readonly string[] | undefined;
  readonly #ignored: number | undefined;
  readonly #counts = new Map<number, number>();

  constructor({ classes, ignored, names }: ConfusionOptions) {
    this.classes = classes;
    this.names = names;
    this.#ignored = ignored;
  }

  /** Counts labels and the classes told, one for each. */
  add(labels: ArrayLike<number>, told: ArrayLike<number>): void {
    for (let index = 0; index < labels.length; index++) {
      const [actual = 0, guess = 0] = [labels[index], told[index]];
      if (actual === this.#ignored) continue;
      const key = actual * this.classes + guess;
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    }
  }

  /** All pairs that occur, by actual class, then by the one told. */
  get cells(): readonly Cell[] {
    const keys = [...this.#counts.keys()].sort((a, b) => a - b);
    return keys.map((key) => ({
      actual: Math.floor(key / this.classes),
      told: key % this.classes,
      count: this.#counts.get(key) ?? 0,
    }));
  }

  /** How many of one class were taken for another. */
  count(actual: number, told: number): number {
    return this.#counts.get(actual * this.classes + told) ?? 0;
  }

  /** Share that is right. */
  get accuracy(): number | undefined {
    const { cells } = this;
    const right = cells.filter(({ actual, told }) => actual === told);
    return ratio(total(right), total(cells));
  }

  /** How well each class is told, in order. */
  get figures(): readonly ClassFigures[] {
    const [support, guessed] = [new Float64Array(this.classes), new Float64Array(this.classes)];
    for (const { actual, told, count } of this.cells) {
      support[actual] = (support[actual] ?? 0) + count;
      guessed[told] = (guessed[told] ?? 0) + count;
    }
    return Array.from({ length: this.classes }, (_, index): ClassFigures => {
      const [right, own, all] = [this.count(index, index), support[index] ?? 0, guessed[index] ?? 0];
      const name = this.names?.[index];
      return {
        class: index,
        ...(name === undefined ? {} : { name }),
        precision: ratio(right, all),
        recall: ratio(right, own),
        f1: ratio(2 * right, own + all),
        support: own,
      };
    });
  }
}

function total(cells: readonly Cell[]): number {
  return cells.reduce((sum, { count }) => sum + count, 0);
}

function ratio(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
