/** How LeNet is trained, from lenet_solver.prototxt. */
import { inv, sgd } from "paramserv";

/** The learning rule (lenet_solver.prototxt). */
export const optimizer = sgd({
  learningRate: inv({ base: 0.01, gamma: 0.0001, power: 0.75 }),
  momentum: 0.9,
  nesterov: false,
  weightDecay: 0.0005,
  regularization: "L2",
});

/** Rows in an update, shared by the workers (lenet_train_test.prototxt). */
export const batchsize = 64;

/** Updates (lenet_solver.prototxt); train.ts makes epochs of them: ⌈iterations · batchsize / rows⌉. */
export const iterations = 340;
