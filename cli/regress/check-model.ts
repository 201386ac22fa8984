import type { ImportedModel } from "../../generators/imported.js";
import { convertModel } from "../../generators/targets/index.js";
import { checkTraining } from "./check-training.js";
import { attempt, type Checking, failed } from "./checking.js";
import { compareCode, storedForm } from "./compare-code.js";
import type { Candidate } from "./find-models.js";
import { type RegressRecord, readRecord, type TrainingRecord } from "./record.js";
import { pathFrom } from "./settings.js";
import type { Finding, ModelResult, PartState } from "./types.js";

/** A model that was checked, with what would be stored of it. */
export interface CheckedModel {
  readonly result: ModelResult;
  /** The files of its packages by target; empty where it cannot be accepted. */
  readonly packages: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>;
  /** Absent where something failed: that is never stored. */
  readonly record?: RegressRecord;
}

function checkCode({ name, settings }: Candidate, imported: ImportedModel, directory: string) {
  return attempt("code", async () => {
    const packages = new Map<string, ReadonlyMap<string, Uint8Array>>();
    const findings: Finding[] = [];
    let isNew = false;
    for (const target of settings.targets) {
      const files = storedForm(await convertModel(imported, target, settings.convert));
      packages.set(target, files);
      const compared = compareCode({ directory, name, target }, files);
      if (compared === undefined) {
        isNew = true;
        findings.push({ part: "code", message: `no ${target} package is stored` });
      } else findings.push(...compared);
    }
    const state: PartState = findings.length === 0 ? "same" : isNew ? "new" : "differs";
    return { state, findings, value: packages };
  });
}

function recordOf(imported: ImportedModel, directory: string, training?: TrainingRecord): RegressRecord {
  const files = imported.files.map((file) => pathFrom(directory, file));
  return { format: 1, files, ...(training === undefined ? {} : { training }) };
}

/** Whether the model consists of the same files as before. */
function checkFiles(imported: ImportedModel, record: RegressRecord | string | undefined, directory: string) {
  const part = "import";
  if (record === undefined) {
    const hint = "--update stores one";
    return { state: "new", findings: [{ part, message: "no record is stored", hint }] } as const;
  }
  if (typeof record === "string") {
    return { state: "differs", findings: [{ part, message: `the stored record: ${record}` }] } as const;
  }
  const [found, stored] = [imported.files.map((file) => pathFrom(directory, file)), record.files].map((files) =>
    files.toSorted().join(", "),
  );
  if (found === stored) return { state: "same", findings: [] } as const;
  const message = `the model is read from ${found}, the record is of ${stored}`;
  return { state: "differs", findings: [{ part, message }] } as const;
}

/** Imports (that was done), converts and trains a model, and compares each with what is stored. */
export async function checkModel(candidate: Candidate, checking: Checking): Promise<CheckedModel> {
  const { name, imported, problems = [] } = candidate;
  const { directory } = checking;
  const began = performance.now();
  const seconds = (): number => Math.round(performance.now() - began) / 1000;
  if (imported === undefined) {
    const { findings } = failed("import", problems);
    const states = { import: "failed", code: "none", training: "none" } as const;
    return { result: { name, states, findings, seconds: seconds() }, packages: new Map() };
  }
  const code = await checkCode(candidate, imported, directory);
  const training = await checkTraining(candidate, imported, checking);
  const { deviation } = training;
  const files = checkFiles(imported, readRecord(directory, name), directory);
  // Of a model without a record all is new: that is said once.
  const others = [code, training].flatMap(({ state, findings }) =>
    files.state === "new" && state === "new" ? [] : findings,
  );
  const result: ModelResult = {
    name,
    states: { import: files.state, code: code.state, training: training.state },
    findings: [...files.findings, ...others],
    ...(deviation === undefined ? {} : { deviation }),
    seconds: seconds(),
  };
  const states = Object.values(result.states);
  if (states.includes("failed") || code.value === undefined) return { result, packages: new Map() };
  return { result, packages: code.value, record: recordOf(imported, directory, training.value) };
}
