import { sgd } from "../../../runtime/optimizers/index.js";
import type { OptimizerConfig } from "../../../runtime/optimizers/types.js";
import type { ImportedTraining } from "../../imported.js";
import { nearestName } from "../../source/nearest.js";
import type { Message } from "../../source/prototxt/message.js";
import type { SolverReport } from "./report.js";
import { readSchedule } from "./schedule.js";

/** caffe.proto, SolverParameter.SolverType: the old way to write `type`. */
const oldTypes: Readonly<Record<string, string>> = {
  SGD: "SGD",
  NESTEROV: "Nesterov",
  ADAGRAD: "AdaGrad",
  RMSPROP: "RMSProp",
  ADADELTA: "AdaDelta",
  ADAM: "Adam",
};

const available = ["SGD", "Nesterov"];

/** Fields that change no numbers here, and why. */
const withoutEffect: readonly (readonly [fields: readonly string[], reason: string])[] = [
  [["display", "average_loss", "debug_info"], "progress is shown in another way"],
  [
    ["snapshot", "snapshot_prefix", "snapshot_diff", "snapshot_format", "snapshot_after_train"],
    "results are written where training is told to",
  ],
  [["solver_mode", "device_id", "layer_wise_reduce"], "the engine of the run is chosen elsewhere"],
  [["test_iter"], "validation uses every row once"],
  [["test_initialization", "test_compute_loss"], "validation takes place after each epoch, with its loss"],
  [["delta", "momentum2", "rms_decay"], "SGD and Nesterov do not use it"],
];

function typeOf(solver: Message, report: SolverReport): string | undefined {
  if (solver.has("type") && solver.has("solver_type")) {
    const message = "it has type and solver_type, expected one of them";
    report.problem("CAFFE_FIELD_INVALID", message, { at: solver.at("solver_type") });
  }
  const field = solver.has("solver_type") ? "solver_type" : "type";
  const type = field === "type" ? solver.text("type") : (oldTypes[solver.text("solver_type")] ?? "");
  if (available.includes(type)) return type;
  const at = solver.at(field);
  const known = Object.values(oldTypes);
  if (known.includes(type)) {
    const message = `its type "${type}" is known to Caffe but not available yet, expected ${available.join(" or ")}`;
    report.problem("CAFFE_FIELD_UNSUPPORTED", message, { at });
  } else {
    const nearest = nearestName(type, known);
    const hint = nearest === undefined ? {} : { hint: `the nearest type is "${nearest}"` };
    report.problem("CAFFE_FIELD_INVALID", `its type "${type}" is not one of Caffe's: ${known.join(", ")}`, {
      at,
      ...hint,
    });
  }
  return undefined;
}

function readOptimizer(solver: Message, report: SolverReport): OptimizerConfig | undefined {
  const type = typeOf(solver, report);
  const learningRate = readSchedule(solver, report);
  const regularization = solver.text("regularization_type");
  if (regularization !== "L1" && regularization !== "L2") {
    const message = `its regularization_type is "${regularization}", expected "L1" or "L2"`;
    report.problem("CAFFE_FIELD_INVALID", message, { at: solver.at("regularization_type") });
    return undefined;
  }
  if (type === undefined || learningRate === undefined) return undefined;
  const momentum = solver.number("momentum");
  const weightDecay = solver.number("weight_decay");
  return report.adopting(solver.at(solver.has("momentum") ? "momentum" : "type"), () =>
    sgd({
      learningRate,
      ...(momentum === 0 ? {} : { momentum }),
      // Without momentum the two rules are one.
      ...(type === "Nesterov" && momentum !== 0 ? { nesterov: true } : {}),
      ...(weightDecay === 0 ? {} : { weightDecay }),
      ...(regularization === "L2" ? {} : { regularization }),
    }),
  );
}

/** Fields that would change the numbers in a way that cannot be kept. */
function refuseOthers(solver: Message, report: SolverReport): void {
  if (solver.number("clip_gradients") >= 0) {
    const message = `its clip_gradients is ${solver.number("clip_gradients")}; clipping is not supported yet`;
    report.problem("CAFFE_FIELD_UNSUPPORTED", message, { at: solver.at("clip_gradients") });
  }
  if (solver.has("weights")) {
    const message = "its weights name trained weights to start from, which is not supported yet";
    report.problem("CAFFE_FIELD_UNSUPPORTED", message, { at: solver.at("weights") });
  }
  for (const [field, least] of [
    ["iter_size", 1],
    ["max_iter", 0],
    ["test_interval", 0],
  ] as const) {
    if (solver.number(field) >= least || !solver.has(field)) continue;
    const message = `its ${field} is ${solver.number(field)}, expected at least ${least}`;
    report.problem("CAFFE_FIELD_INVALID", message, { at: solver.at(field) });
  }
}

/** Whether the file asks for validation: test nets with an interval (solver.cpp, InitTestNets). */
function readValidation(solver: Message, report: SolverReport): boolean {
  const hasNets = solver.has("test_iter") || solver.has("test_net") || solver.has("test_net_param");
  const interval = solver.number("test_interval");
  if (hasNets && interval === 0) {
    const message = "it has test nets or test_iter and no test_interval, expected at least 1";
    report.problem("CAFFE_FIELD_MISSING", message, {
      at: solver.at(solver.has("test_iter") ? "test_iter" : "test_net"),
    });
  }
  return hasNets && interval > 0;
}

export interface SolverSettings {
  /** Undefined after reporting why. */
  readonly training: ImportedTraining | undefined;
  /** Batches whose gradients are summed for one update. */
  readonly iterSize: number;
}

/** What a solver message says about training, apart from its net. */
export function readSolverSettings(message: Message, report: SolverReport): SolverSettings {
  const optimizer = readOptimizer(message, report);
  refuseOthers(message, report);
  const validate = readValidation(message, report);
  if (message.number("test_interval") > 0) {
    const text = `its test_interval is ${message.number("test_interval")} iterations; validation takes place after each epoch instead`;
    report.note(text, { at: message.at("test_interval") });
  }
  for (const [fields, reason] of withoutEffect) report.ignore(message, fields, reason);
  const iterations = message.number("max_iter");
  if (iterations === 0) {
    report.note("it has no max_iter", {
      at: message.at("max_iter"),
      hint: "say how long to train: --epochs",
    });
  }
  const seed = message.number("random_seed");
  const iterSize = message.number("iter_size");
  if (optimizer === undefined) return { training: undefined, iterSize };
  const training = {
    optimizer,
    ...(iterations > 0 ? { iterations } : {}),
    validate,
    ...(seed >= 0 ? { seed } : {}),
  };
  return { training, iterSize };
}
