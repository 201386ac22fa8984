import type { NDArray } from "../../data/types.js";
import type { Session } from "../../engines/engine.js";
import type { TrainingProgram } from "../../program/types.js";
import { lossesOf } from "../scalars.js";
import type { RowBatch } from "./batch-reader.js";
import type { Evaluator, GradientSource } from "./gradient-source.js";
import { type MaskDrawing, maskDrawer } from "./masks.js";
import { normalizers } from "./normalizers.js";
import type { RowWeights } from "./row-weights.js";

interface EngineRun extends MaskDrawing {
  readonly session: Session;
  /** For the losses whose weights depend on the data. */
  readonly rowWeights: RowWeights;
}

/** The gradients of a compiled network. */
export function engineGradients(run: EngineRun): GradientSource {
  const { session, program, rowWeights } = run;
  const masks = maskDrawer(run);
  return {
    weights: session.weights,
    pushed: session.pushed,
    losses: lossesOf(program),
    step(batch, place) {
      const { rows } = batch;
      const drawn = { ...masks(rows, place), ...normalizers(program, rowWeights, rows, place.totals) };
      return session.step({ rows: rows.length, feeds: { ...dataFeeds(program, batch), ...drawn } });
    },
  };
}

/** The evaluation of a compiled network. */
export function engineEvaluator(session: Session, program: TrainingProgram): Evaluator {
  return {
    weights: session.weights,
    losses: lossesOf(program),
    evaluate: (batch) => session.evaluate({ rows: batch.rows.length, feeds: dataFeeds(program, batch) }),
  };
}

/** The columns that the program takes. */
export function dataFeeds({ feeds }: TrainingProgram, batch: RowBatch): Readonly<Record<string, NDArray>> {
  const arrays: Record<string, NDArray> = {};
  for (const { kind, name } of feeds) {
    const column = kind === "features" || kind === "labels" ? batch[kind][name] : undefined;
    if (column !== undefined) arrays[name] = column;
  }
  return arrays;
}
