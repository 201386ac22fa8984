/**
 * Trains CIFAR10_quick: the network of model.ts by the rule of solver.ts, on several workers around a parameter server.
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
  saveResult,
  startingModel,
  trainingScript,
} from "paramserv";

await trainingScript(
  {
    description: "Trains CIFAR10_quick as model.ts and solver.ts say.",
    // What the command line may leave out: any option of --help, where it differs from what paramserv() does.
    defaults: {
      k: 4, // workers
      utype: "BSP", // BSP: workers meet at each update; ASP: each push is applied at once
      freq: "BATCH", // how often a worker pushes: BATCH, NBATCHES or EPOCH
      scheme: "DISJOINT_ROUND_ROBIN", // how rows are dealt to the workers
      reshuffle: true, // visit the rows in a new order every epoch
    },
  },
  async ({ flags, options, signal, onEvent, onProgress, say }) => {
    // Imported here, so that a mistake in them is shown as an error message, not as a crash.
    const { cifar10_quick } = await import("./model.js");
    const solver = await import("./solver.js");
    const gradients = gradientsOf(cifar10_quick);

    // Reads the rows, brings them to the shape that the network takes (images are resized), keeps some to validate with.
    const { train, validation } = await loadData(flags, {
      ...dataShapes(gradients.program),
      onProgress,
      say,
    });

    // The workers share the batch of the solver, unless --batchsize says how many rows each takes.
    const batchsize = flags.batchsize ?? Math.ceil((flags.globalBatchsize ?? solver.globalBatchsize) / flags.k);
    const result = await paramserv({
      model: await startingModel(cifar10_quick, flags, say),
      features: train.features,
      labels: train.labels,
      val_features: validation?.features,
      val_labels: validation?.labels,
      upd: gradients,
      agg: adjustOptimizer(solver.optimizer, flags),
      epochs: flags.epochs ?? solver.epochs,
      batchsize,
      ...options, // k, utype, freq, scheme, seed and the like
      signal,
      onEvent,
    });

    const saved = await saveResult({
      directory: flags.out,
      replace: flags.force === true,
      network: cifar10_quick,
      result,
      train,
      validation,
      report: flags.report,
      say,
    });
    return { result, files: Object.values(saved) };
  },
);
