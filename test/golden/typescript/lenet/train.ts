/**
 * Trains LeNet: the network of model.ts by the rule of solver.ts, on several workers around a parameter server.
 *
 *   npm start -- --data FILE --epochs 10 -k 2
 *   npm start -- --help
 */
import {
  adjustOptimizer,
  dataShapes,
  gradientsOf,
  loadData,
  paramserv,
  resolveEpochs,
  rowsOf,
  saveResult,
  startingModel,
  trainingScript,
} from "paramserv";

await trainingScript(
  {
    description: "Trains LeNet as model.ts and solver.ts say.",
    // What the command line may leave out: any option of --help, where it differs from what paramserv() does.
    defaults: {
      data: "../digits.npz",
      utype: "BSP", // BSP: workers meet at each update; ASP: each push is applied at once
      freq: "BATCH", // how often a worker pushes: BATCH, NBATCHES or EPOCH
      scheme: "DISJOINT_RANDOM", // how rows are dealt to the workers
      reshuffle: true, // visit the rows in a new order every epoch
      seed: 1701, // of the split, weights, order and dropout
    },
  },
  async ({ flags, options, signal, onEvent, onProgress, say }) => {
    // Imported here, so that a mistake in them is shown as an error message, not as a crash.
    const { lenet } = await import("./model.js");
    const solver = await import("./solver.js");
    const gradients = gradientsOf(lenet);

    // Reads the rows, brings them to the shape that the network takes (images are resized), keeps some to validate with.
    const { train, validation } = await loadData(flags, {
      ...dataShapes(gradients.program),
      scale: 0.0625, // lenet_train_test.prototxt:12
      onProgress,
      say,
    });

    // The workers share the batch of the solver, unless --batchsize says how many rows each takes.
    const batchsize = flags.batchsize ?? Math.ceil((flags.globalBatchsize ?? solver.globalBatchsize) / flags.k);
    const globalBatchsize = batchsize * flags.k;
    const length = { iterations: solver.iterations, globalBatchsize, rows: rowsOf(train) };
    const result = await paramserv({
      model: await startingModel(lenet, flags, say),
      features: train.features,
      labels: train.labels,
      val_features: validation?.features,
      val_labels: validation?.labels,
      upd: gradients,
      agg: adjustOptimizer(solver.optimizer, flags),
      epochs: flags.epochs ?? resolveEpochs(length),
      batchsize,
      ...options, // k, utype, freq, scheme, seed and the like
      signal,
      onEvent,
    });

    const saved = await saveResult({
      directory: flags.out,
      replace: flags.force === true,
      network: lenet,
      result,
      train,
      validation,
      report: flags.report,
      say,
    });
    return { result, files: Object.values(saved) };
  },
);
