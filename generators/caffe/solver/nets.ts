import { dirname, isAbsolute, join } from "node:path";
import type { Message } from "../../source/prototxt/message.js";
import { isReadableFile } from "../../source/read-file.js";
import type { SolverReport } from "./report.js";

/** Where a net of a solver is: in the solver itself, or in a file. */
export type NetPlace =
  | { readonly kind: "inline"; readonly message: Message }
  | { readonly kind: "file"; readonly file: string };

export interface SolverNets {
  readonly train: NetPlace;
  /** Where the TEST net is another one than the TRAIN net. */
  readonly test?: NetPlace;
}

const trainFields = ["net", "net_param", "train_net", "train_net_param"] as const;

/**
 * Finds the nets that a solver names: one for TRAIN, and the first for TEST (BVLC/caffe src/caffe/solver.cpp,
 * InitTrainNet and InitTestNets). Undefined after reporting why.
 *
 * @param file the solver's
 */
export async function findNets(solver: Message, file: string, report: SolverReport): Promise<SolverNets | undefined> {
  const given = trainFields.filter((field) => solver.has(field));
  const [field] = given;
  if (field === undefined || given.length > 1) {
    const found =
      field === undefined ? "it names no net" : `it names its net ${given.length} times: ${given.join(", ")}`;
    const message = `${found}, expected one of ${trainFields.join(", ")}`;
    report.problem("CAFFE_SOLVER_NET_MISSING", message, { at: solver.at(given[1]) });
    return undefined;
  }
  const train = await placeOf({ solver, field, file, report });
  const testField = (["test_net_param", "test_net"] as const).find((name) => solver.has(name));
  noteOtherTestNets(solver, report);
  const test = testField === undefined ? undefined : await placeOf({ solver, field: testField, file, report });
  if (train === undefined) return undefined;
  return test === undefined ? { train } : { train, test };
}

function noteOtherTestNets(solver: Message, report: SolverReport): void {
  const count = Math.max(
    solver.messages("test_state").length,
    solver.messages("test_net_param").length + solver.texts("test_net").length,
    solver.numbers("test_iter").length,
  );
  if (count <= 1) return;
  const field = ["test_state", "test_net", "test_net_param", "test_iter"].find((name) => solver.has(name));
  const message = `it has ${count} test nets; only the first one gives metrics`;
  report.note(message, { at: solver.at(field) });
}

interface Wanted {
  readonly solver: Message;
  readonly field: string;
  readonly file: string;
  readonly report: SolverReport;
}

async function placeOf({ solver, field, file, report }: Wanted): Promise<NetPlace | undefined> {
  if (field.endsWith("_param")) {
    const [message] = solver.messages(field);
    return message === undefined ? undefined : { kind: "inline", message };
  }
  const path = solver.texts(field)[0] ?? "";
  const candidates = isAbsolute(path) ? [path] : [...new Set([join(dirname(file), path), join(path)])];
  for (const candidate of path === "" ? [] : candidates) {
    if (await isReadableFile(candidate)) return { kind: "file", file: candidate };
  }
  const message = `its ${field} "${path}" does not exist; looked at ${candidates.join(" and ")}`;
  const hint = "the path is looked up from the solver's directory, then from the working directory";
  report.problem("CAFFE_SOLVER_NET_MISSING", message, { at: solver.at(field), hint });
  return undefined;
}
