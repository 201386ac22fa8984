import { fieldRules } from "../../source/fields/field.js";
import { count, group, integer, listOf, number } from "../../source/fields/kinds.js";
import { choice, variant, variants } from "../../source/fields/words.js";
import { apart, ifGiven, otherwise } from "../../source/fields/wrappers.js";
import { stateRules } from "../net/state-rules.js";
import { policy } from "./schedule.js";

const progress = "progress is shown in another way";
const results = "results are written where training is told to";
const engine = "the engine of the run is chosen elsewhere";
const validation = "validation takes place after each epoch, with its loss";
const unused = "SGD and Nesterov do not use it";

const notYet = "it is known to Caffe but not available yet";

/** All that a solver says (caffe.proto, SolverParameter). */
export const solverRules = fieldRules({
  message: "SolverParameter",
  fields: {
    net: apart("the search for nets"),
    net_param: apart("the search for nets"),
    train_net: apart("the search for nets"),
    train_net_param: apart("the search for nets"),
    test_net: apart("the search for nets"),
    test_net_param: apart("the search for nets"),
    train_state: group(stateRules),
    test_state: listOf(group(stateRules)),
    base_lr: number("a number"),
    policy,
    type: variants<"SGD" | "Nesterov">({
      by: "type",
      variants: { SGD: variant({}, () => "SGD"), Nesterov: variant({}, () => "Nesterov") },
      unsupported: ["AdaGrad", "RMSProp", "AdaDelta", "Adam"],
    }),
    // The old way to write `type`.
    solver_type: ifGiven(
      choice(
        { SGD: "SGD", NESTEROV: "Nesterov" },
        { ADAGRAD: notYet, RMSPROP: notYet, ADADELTA: notYet, ADAM: notYet },
      ),
    ),
    momentum: otherwise(number(), 0),
    weight_decay: otherwise(number(), 0),
    regularization_type: choice({ L1: "L1", L2: "L2" }),
    iter_size: count(1),
    max_iter: otherwise(count(0), 0),
    test_interval: count(0),
    random_seed: integer(),
  },
  ignored: {
    display: progress,
    average_loss: progress,
    debug_info: progress,
    snapshot: results,
    snapshot_prefix: results,
    snapshot_diff: results,
    snapshot_format: results,
    snapshot_after_train: results,
    solver_mode: engine,
    device_id: engine,
    layer_wise_reduce: engine,
    test_iter: "validation uses every row once",
    test_initialization: validation,
    test_compute_loss: validation,
    delta: unused,
    momentum2: unused,
    rms_decay: unused,
  },
  refused: {
    clip_gradients: { when: (value) => Number(value) >= 0, because: "gradients are not clipped" },
    weights: { because: "training starts from the fillers" },
  },
  checks: [
    {
      of: [],
      check: (_, { has, problem }) => {
        if (!has("type") || !has("solver_type")) return;
        problem("invalid", "it has type and solver_type, expected one of them", "solver_type");
      },
    },
    {
      of: ["policy", "max_iter"],
      check: ({ policy: { needsIterations }, max_iter }, { has, problem }) => {
        if (needsIterations !== true || max_iter > 0) return;
        const found = has("max_iter") ? "its max_iter is 0" : "it has no max_iter";
        problem("invalid", `${found}, expected at least 1 for lr_policy "poly"`, "max_iter");
      },
    },
    {
      of: ["test_interval"],
      check: ({ test_interval: interval }, { has, problem, note }) => {
        const field = ["test_iter", "test_net", "test_net_param"].find(has);
        if (interval > 0) {
          note(
            `its test_interval is ${interval} iterations; validation takes place after each epoch instead`,
            "test_interval",
          );
        } else if (field !== undefined) {
          problem("missing", "it has test nets or test_iter and no test_interval, expected at least 1", field);
        }
      },
    },
  ],
});
