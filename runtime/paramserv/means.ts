type Scalars = Readonly<Record<string, number>>;

/** Means over rows, collected batch by batch. */
export class RowMeans {
  #rows = 0;
  readonly #sums = new Map<string, number>();

  get rows(): number {
    return this.#rows;
  }

  /** Adds the means over some more rows. */
  add(rows: number, scalars: Scalars): void {
    this.#rows += rows;
    for (const [name, mean] of Object.entries(scalars)) this.#sums.set(name, (this.#sums.get(name) ?? 0) + mean * rows);
  }

  means(): Scalars {
    return Object.fromEntries([...this.#sums].map(([name, sum]) => [name, sum / this.#rows]));
  }

  clear(): void {
    this.#rows = 0;
    this.#sums.clear();
  }
}
