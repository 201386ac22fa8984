import { openRows, type SourceDescription } from "../sources/index.js";
import type { Source } from "../sources/source.js";
import { isStored } from "../stored-column.js";
import type { Column, Dataset } from "../types.js";
import { arrayAssembler, type BatchArray, type ColumnAssembler, storedAssembler } from "./column-assembler.js";
import { type BatchColumn, type BatchRequest, batchColumns } from "./row-batch.js";

type Columns = Pick<Dataset, "features" | "labels">;

/**
 * Makes batches of a dataset: gathers rows, converts, turns, resizes, changes and scales them. Used by a worker itself, or
 * by a loader thread ahead of it. One batch at a time.
 */
export class BatchAssembler {
  readonly columns: readonly BatchColumn[];
  readonly #assemblers: readonly ColumnAssembler[];
  readonly #sources: readonly Source[];

  private constructor(dataset: Columns, assemblers: readonly ColumnAssembler[], sources: readonly Source[]) {
    this.columns = batchColumns(dataset);
    this.#assemblers = assemblers;
    this.#sources = sources;
  }

  /**
   * Opens what the columns are read from. Throws a RunError `DATA_*` where a file is gone or has changed.
   *
   * @param inEngine told when an engine begins to resize images, and when it has: a thread must not be ended in between
   */
  static async open(dataset: Columns, inEngine: (is: boolean) => void = () => {}): Promise<BatchAssembler> {
    const sources = new Map<SourceDescription, Source>();
    const assemblers: ColumnAssembler[] = [];
    try {
      for (const column of [...Object.values(dataset.features), ...Object.values(dataset.labels)]) {
        assemblers.push(await assemblerOf(column, sources, inEngine));
      }
    } catch (error) {
      await closeAll([...assemblers, ...sources.values()]);
      throw error;
    }
    return new BatchAssembler(dataset, assemblers, [...sources.values()]);
  }

  /**
   * Writes a batch to the beginning of arrays, one a column in the order of `columns`, each of its type and as long as the
   * rows or longer; shared memory, too.
   */
  assemble({ rows, epoch }: BatchRequest, into: readonly BatchArray[]): void | Promise<void> {
    let waiting: Promise<void> | undefined;
    for (const [index, assembler] of this.#assemblers.entries()) {
      const length = rows.length * (this.columns[index]?.length ?? 0);
      const part = into[index]?.subarray(0, length) as BatchArray;
      // Columns may share a source, which reads one thing at a time.
      if (waiting !== undefined) waiting = waiting.then(() => assembler.assemble(rows, epoch, part));
      else waiting = assembler.assemble(rows, epoch, part) ?? undefined;
    }
    return waiting;
  }

  async close(): Promise<void> {
    await closeAll([...this.#assemblers, ...this.#sources]);
  }
}

async function assemblerOf(
  column: Column,
  sources: Map<SourceDescription, Source>,
  inEngine: (is: boolean) => void,
): Promise<ColumnAssembler> {
  if (!isStored(column)) return arrayAssembler(column);
  const source = sources.get(column.source) ?? (await openRows(column.source));
  sources.set(column.source, source);
  return storedAssembler(column, source, inEngine);
}

async function closeAll(all: readonly { close(): Promise<void> }[]): Promise<void> {
  await Promise.all(all.map((one) => one.close()));
}
