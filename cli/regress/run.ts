import { accept } from "./accept.js";
import { type CheckedModel, checkModel } from "./check-model.js";
import { findModels } from "./find-models.js";
import { isAsStored, type RegressReport } from "./types.js";

/** What {@link regressFolder} is told. */
export interface RegressChoices {
  readonly directory: string;
  /** Only models whose path holds this text. */
  readonly only?: string;
  /** Stores what is found. */
  readonly update: boolean;
  /** Seconds that the training of one model may take. */
  readonly timeout: number;
  /** Ends the check after the updates under way. */
  readonly signal: AbortSignal;
  /** Called before each model. */
  readonly onModel: (name: string, index: number, count: number) => void;
}

/**
 * Checks every model of a folder against its stored record, one after the other.
 *
 * @throws ModelFileError REGRESS_FOLDER_INVALID, REGRESS_CONFIG_INVALID; RunError where records cannot be written
 */
export async function regressFolder(choices: RegressChoices): Promise<RegressReport> {
  const { directory, only, update, timeout, signal, onModel } = choices;
  const { models, gone } = await findModels(directory, only);
  const checked: CheckedModel[] = [];
  for (const [index, model] of models.entries()) {
    onModel(model.name, index, models.length);
    const done = await checkModel(model, { directory, timeout, signal });
    if (signal.aborted) break;
    checked.push(done);
    // A signal that arrived while nothing awaited is seen here.
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) break;
  }
  const report = { event: "regress", directory, models: checked.map(({ result }) => result), gone } as const;
  if (signal.aborted) return { ...report, status: "interrupted", updated: [] };
  const updated = update ? await accept(directory, checked, gone) : [];
  const isLeft = ({ result, record }: CheckedModel): boolean =>
    !isAsStored(result) && !(update && record !== undefined);
  const failed = checked.some(isLeft) || (!update && gone.length > 0);
  return { ...report, status: failed ? "failed" : "passed", updated };
}
