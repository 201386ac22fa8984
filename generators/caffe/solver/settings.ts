import { sgd } from "../../../runtime/optimizers/index.js";
import type { OptimizerConfig } from "../../../runtime/optimizers/types.js";
import type { ImportedTraining } from "../../imported.js";
import { decodeFields } from "../../source/fields/decode.js";
import type { Settings } from "../../source/fields/field.js";
import type { Message } from "../../source/prototxt/message.js";
import type { SolverReport } from "./report.js";
import { solverRules } from "./rules.js";

type Solver = Settings<typeof solverRules.fields>;

/** What a solver says, apart from its nets. */
export interface SolverSettings {
  readonly training: ImportedTraining;
  /** Batches whose gradients are summed for one update. */
  readonly iterSize: number;
}

function optimizerOf(solver: Solver, message: Message, report: SolverReport): OptimizerConfig | undefined {
  const {
    base_lr,
    policy,
    max_iter,
    momentum,
    weight_decay: weightDecay,
    regularization_type: regularization,
  } = solver;
  const type = solver.solver_type ?? solver.type;
  const learningRate = report.adopting(message.at("lr_policy"), () => policy(base_lr, max_iter));
  if (learningRate === undefined) return undefined;
  return report.adopting(message.at(message.has("momentum") ? "momentum" : "type"), () =>
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

/** Whether the file asks for validation: test nets with an interval (solver.cpp, InitTestNets). */
function asksForValidation(message: Message, { test_interval }: Solver): boolean {
  const hasNets = message.has("test_iter") || message.has("test_net") || message.has("test_net_param");
  return hasNets && test_interval > 0;
}

/** Reads what a solver message says about training; undefined after reporting what is wrong with it. */
export function readSolverSettings(message: Message, report: SolverReport): SolverSettings | undefined {
  const solver = decodeFields(message, solverRules, report.fields);
  if (solver === undefined) return undefined;
  const optimizer = optimizerOf(solver, message, report);
  const { max_iter: iterations, random_seed: seed, iter_size: iterSize } = solver;
  if (iterations === 0) {
    report.note("it has no max_iter", {
      at: message.at("max_iter"),
      hint: "say how long to train: --epochs",
    });
  }
  if (optimizer === undefined) return undefined;
  const training = {
    optimizer,
    ...(iterations > 0 ? { iterations } : {}),
    validate: asksForValidation(message, solver),
    ...(seed >= 0 ? { seed } : {}),
  };
  return { training, iterSize };
}
