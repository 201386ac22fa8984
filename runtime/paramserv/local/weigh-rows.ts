import { sharedFloat32 } from "../../data/shared.js";
import { openEngine } from "../../engines/index.js";
import { internalError } from "../../errors.js";
import type { Job } from "../job.js";
import { BatchReader } from "../worker/batch-reader.js";
import { dataFeeds } from "../worker/engine-gradients.js";
import { type RowWeights, weighedLosses } from "../worker/row-weights.js";

/** Rows weighed at a time. */
const chunk = 1024;

/**
 * Weighs all rows once, before a run: the weights depend on the data alone. Only losses whose weights do are among them.
 * Ends early, with weights of no use, where the run is aborted.
 */
export async function weighRows({ options, program, training }: Job): Promise<RowWeights> {
  const { dataset, rows } = training;
  const losses = weighedLosses(program);
  if (program === undefined || losses.length === 0 || "module" in options.upd) return {};
  const weights = Object.fromEntries(losses.map((loss) => [loss, sharedFloat32(rows)]));
  const session = await openEngine(options.engine, program);
  const reader = new BatchReader(dataset, chunk, 0);
  try {
    for (let start = 0; start < rows && options.signal?.aborted !== true; start += chunk) {
      const length = Math.min(chunk, rows - start);
      const batch = await reader.read(Int32Array.from({ length }, (_, index) => start + index));
      const weighed = await session.weigh({ rows: length, feeds: dataFeeds(program, batch) });
      for (const [loss, all] of Object.entries(weights)) {
        const some = weighed[loss];
        if (some?.length !== length) throw internalError(`the engine does not say what rows weigh in loss "${loss}"`);
        all.set(some, start);
      }
    }
    return weights;
  } finally {
    await reader.close();
    await session.close();
  }
}
