import { ScalarSums, type Sums } from "../scalars.js";
import { type Slice, validationBatches } from "../validation-batches.js";
import type { BatchReader } from "./batch-reader.js";
import type { Evaluator } from "./gradient-source.js";
import { divergence, hasFiniteLoss } from "./learner.js";

/** Evaluates validation rows on captured weights. */
export interface Evaluation {
  evaluate(epoch: number, slice: Slice): Promise<Sums>;
  /** Closes the files that rows are read from. */
  close(): Promise<void>;
}

interface BatchwiseOptions {
  readonly evaluator: Evaluator;
  readonly batches: BatchReader;
  readonly rows: number;
  readonly batchsize: number;
  /** Fills the evaluator's weights with the captured ones. */
  readWeights(into: Float32Array): void;
}

/** Evaluates batch by batch, on an engine. */
export function batchwise({ evaluator, batches, rows, batchsize, readWeights }: BatchwiseOptions): Evaluation {
  return {
    async evaluate(epoch, slice) {
      const sums = new ScalarSums();
      readWeights(evaluator.weights);
      for (const numbers of validationBatches(rows, batchsize, slice)) {
        const scalars = await evaluator.evaluate(await batches.read(numbers));
        if (!hasFiniteLoss(evaluator.losses, scalars)) {
          throw divergence(evaluator.losses, scalars, `the validation of epoch ${epoch}`);
        }
        sums.add({ rows: numbers.length, scalars });
      }
      return { rows: sums.rows, scalars: sums.scalars };
    },
    close: () => batches.close(),
  };
}
