import type { ImportedModel } from "../../generators/imported.js";
import { attempt, type Checked, type Checking } from "./checking.js";
import { compareTraining } from "./compare-training.js";
import type { Candidate } from "./find-models.js";
import { learn } from "./learn.js";
import { type RegressRecord, readRecord, type TrainingRecord } from "./record.js";
import type { ModelResult, PartState } from "./types.js";

/** A training that was compared; `deviation` as in a {@link ModelResult}. */
export interface Trained extends Checked<TrainingRecord>, Pick<ModelResult, "deviation"> {}

function judge(
  found: TrainingRecord,
  record: RegressRecord | string | undefined,
  { imported, settings }: { readonly imported: ImportedModel; readonly settings: Candidate["settings"] },
): Trained {
  const part = "training";
  const stored = typeof record === "object" ? record.training : undefined;
  if (stored === undefined) {
    return { state: "new", findings: [{ part, message: "no training is stored" }], value: found };
  }
  const { tolerance } = settings;
  const { findings, deviation } = compareTraining({ found, stored, tolerance, network: imported.network });
  const state: PartState = findings.length > 0 ? "differs" : deviation === 0 ? "same" : "close";
  return { state, findings, deviation, value: found };
}

/** Trains a model and compares with its record, where it has a loss and steps are wanted. */
export async function checkTraining(
  candidate: Candidate,
  imported: ImportedModel,
  checking: Checking,
): Promise<Trained> {
  const { directory, timeout, signal } = checking;
  const { name, settings } = candidate;
  const record = readRecord(directory, name);
  const trains = Object.keys(imported.network.losses).length > 0 && settings.steps > 0;
  if (!trains) {
    const wasTrained = typeof record === "object" && record.training !== undefined;
    const message = "the record has a training, and there is nothing to train any more";
    return wasTrained
      ? { state: "differs", findings: [{ part: "training", message }] }
      : { state: "none", findings: [] };
  }
  const clock = AbortSignal.timeout(timeout * 1000);
  return attempt("training", async (): Promise<Trained> => {
    const found = await learn({ imported, settings, directory, signal: AbortSignal.any([signal, clock]) });
    if (found !== undefined) return judge(found, record, { imported, settings });
    const message = signal.aborted ? "interrupted" : `not done after ${timeout} s: --timeout gives it longer`;
    return { state: "failed", findings: [{ part: "training", message }] };
  });
}
