/** How LeNet is trained, from lenet_solver.prototxt. */
import { inv, sgd } from "paramserv";

/** The learning rule (lenet_solver.prototxt). */
export const optimizer = sgd({
  learningRate: inv({ base: 0.01, gamma: 0.0001, power: 0.75 }),
  momentum: 0.9,
  weightDecay: 0.0005,
});

/** Rows in a batch of all workers together (lenet_train_test.prototxt). */
export const globalBatchsize = 64;

/** Updates (lenet_solver.prototxt); train.ts makes epochs of them: ⌈iterations · globalBatchsize / rows⌉. */
export const iterations = 340;
