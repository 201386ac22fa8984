/** How CIFAR10_quick is trained, from cifar10_quick_solver.prototxt. */
import { multistep, sgd } from "paramserv";

/** The learning rule (cifar10_quick_solver.prototxt). */
export const optimizer = sgd({
  learningRate: multistep({ base: 0.001, gamma: 0.1, steps: [4000] }),
  momentum: 0.9,
  weightDecay: 0.004,
});

/** Rows in a batch of all workers together (cifar10_quick_train_test.prototxt). */
export const globalBatchsize = 100;

/** Passes over the training rows. */
export const epochs = 8;
