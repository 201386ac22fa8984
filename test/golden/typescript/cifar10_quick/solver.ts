/** How CIFAR10_quick is trained, from cifar10_quick_solver.prototxt. */
import { multistep, sgd } from "paramserv";

/** The learning rule (cifar10_quick_solver.prototxt). */
export const optimizer = sgd({
  learningRate: multistep({ base: 0.001, gamma: 0.1, steps: [4000] }),
  momentum: 0.9,
  nesterov: false,
  weightDecay: 0.004,
  regularization: "L2",
});

/** Rows in an update, shared by the workers (cifar10_quick_train_test.prototxt). */
export const batchsize = 100;

/** Passes over the training rows. */
export const epochs = 8;
