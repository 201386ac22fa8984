import type { NDArray } from "../../runtime/array.js";
import { type Dataset, rowsOf } from "../../runtime/data/types.js";
import { RunError } from "../../runtime/errors.js";
import { validationBatches } from "../../runtime/paramserv/validation-batches.js";
import { BatchReader } from "../../runtime/paramserv/worker/batch-reader.js";
import { openResult, type TrainedResult } from "../../runtime/results/index.js";

/** What a network put out, by the names of its outputs; axis 0 counts the rows. */
export type Predictions = ReadonlyMap<string, NDArray>;

/** Runs prepared rows through the network, a batch at a time: beside the rows only the outputs take memory. */
export async function predictRows(result: TrainedResult, dataset: Dataset): Promise<Predictions> {
  const { batchsize } = result.record.options;
  const rows = rowsOf(dataset);
  const reader = new BatchReader({ features: dataset.features, labels: {} }, batchsize, 0);
  const collected = new Map<string, NDArray>();
  const session = await openResult(result, "infer");
  try {
    for (const numbers of validationBatches(rows, batchsize, { part: 0, parts: 1 })) {
      const outputs = await session.run((await reader.read(numbers)).features);
      for (const name of result.program.infer.outputs) {
        const output = outputs[name];
        if (output === undefined || output.shape[0] !== numbers.length) throw notRows(name, output, numbers.length);
        const all = collected.get(name) ?? roomFor(output, rows);
        collected.set(name, all);
        all.data.set(output.data, (numbers[0] ?? 0) * (output.data.length / numbers.length));
      }
    }
  } finally {
    await reader.close();
    await session.close();
  }
  return collected;
}

function roomFor({ shape, data }: NDArray, rows: number): NDArray {
  const length = (data.length / (shape[0] ?? 1)) * rows;
  const room = data instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
  return { shape: [rows, ...shape.slice(1)], data: room };
}

function notRows(name: string, output: NDArray | undefined, rows: number): RunError {
  const found = output === undefined ? "is missing" : `has shape [${output.shape.join(",")}]`;
  const message = `output "${name}" ${found} for a batch of ${rows} rows, expected its first axis to count them`;
  return new RunError({ code: "ENGINE_RUN_FAILED", message });
}
