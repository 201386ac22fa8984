import { type Dataset, rowsOf } from "../../runtime/data/types.js";
import { lossesOf, meansOf, ScalarSums } from "../../runtime/paramserv/scalars.js";
import { validationBatches } from "../../runtime/paramserv/validation-batches.js";
import { BatchReader } from "../../runtime/paramserv/worker/batch-reader.js";
import { openResult, type TrainedResult } from "../../runtime/results/index.js";
import { Confusion } from "./confusion.js";

/** What an evaluation found. */
export interface Evaluation {
  readonly rows: number;
  /** The total loss first, then metrics, and each loss where there are several, named as in training. */
  readonly figures: Readonly<Record<string, number>>;
  /** Of each label of class numbers, by its name. */
  readonly labels: Readonly<Record<string, Confusion>>;
}

/**
 * Evaluates prepared rows in the batches in which the workers of the run would validate them, so that rows that were
 * validated give the same figures.
 */
export async function evaluateRows(result: TrainedResult, dataset: Dataset): Promise<Evaluation> {
  const { program, record } = result;
  const { batchsize, k: parts } = record.options;
  const rows = rowsOf(dataset);
  const reader = new BatchReader(dataset, batchsize, 0);
  const labels = confusionsOf(result);
  const total = new ScalarSums();
  const session = await openResult(result, "evaluate");
  try {
    for (let part = 0; part < parts; part++) {
      const sums = new ScalarSums();
      for (const numbers of validationBatches(rows, batchsize, { part, parts })) {
        const batch = await reader.read(numbers);
        const outputs = await session.run({ ...batch.features, ...batch.labels });
        sums.add({ rows: numbers.length, scalars: scalarsIn(result, outputs) });
        for (const { label, output } of program.evaluate.classified) {
          labels[label]?.add(batch.labels[label]?.data ?? [], outputs[output]?.data ?? []);
        }
      }
      total.add({ rows: sums.rows, scalars: sums.scalars });
    }
  } finally {
    await reader.close();
    await session.close();
  }
  return { rows, figures: meansOf(lossesOf(program), total.scalars), labels };
}

function confusionsOf({ program, record }: TrainedResult): Readonly<Record<string, Confusion>> {
  const entries = program.evaluate.classified.map(({ label }): [string, Confusion] => {
    const feed = program.feeds.find(({ name }) => name === label);
    const { classes = 2, ignored } = feed?.kind === "labels" ? feed : {};
    return [label, new Confusion({ classes, ignored, names: record.classNames[label] })];
  });
  return Object.fromEntries(entries);
}

type Outputs = Awaited<ReturnType<Awaited<ReturnType<typeof openResult>>["run"]>>;

function scalarsIn({ program }: TrainedResult, outputs: Outputs) {
  const value = (scalar: string, role: "sum" | "weight") => {
    const bound = program.evaluate.outputs.find((one) => one.role === role && one.scalar === scalar);
    return outputs[bound?.output ?? ""]?.data[0] ?? Number.NaN;
  };
  const scalars = program.scalars.map(({ name }) => {
    return [name, { sum: value(name, "sum"), weight: value(name, "weight") }] as const;
  });
  return Object.fromEntries(scalars);
}
