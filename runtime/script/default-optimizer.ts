import { sgd } from "../optimizers/sgd.js";
import { trainingDefaults } from "../options/defaults.js";

const { learningRate, momentum, weightDecay } = trainingDefaults;

/** The learning rule where no file says one: common values for small networks. */
export const defaultOptimizer = sgd({ learningRate, momentum, weightDecay });
