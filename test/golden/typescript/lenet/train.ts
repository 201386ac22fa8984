/**
 * Trains LeNet: the network of model.ts by the rule of solver.ts, on several workers around a parameter server.
 *
 *   npm start -- --data FILE --epochs 10 -k 2
 *   npm start -- --help
 */
import {
  type Dataset,
  dataShapes,
  gradientsOf,
  paramserv,
  prepareDataset,
  readDataset,
  resolveEpochs,
  rowsOf,
  saveResult,
  splitDataset,
  trainingScript,
} from "paramserv";

await trainingScript(
  {
    description: "Trains LeNet as model.ts and solver.ts say.",
    // What the command line may leave out.
    defaults: {
      data: "../digits.npz",
      utype: "BSP", // BSP: workers meet at each update; ASP: each push is applied at once
      freq: "BATCH", // how often a worker pushes: BATCH or EPOCH
      scheme: "DISJOINT_RANDOM", // how rows are dealt to the workers
      seed: 1701, // of the split, weights, order and dropout
      out: "result", // where the trained model goes
    },
  },
  async ({ flags, signal, onEvent, onProgress, say }) => {
    // Imported here, so that a mistake in them is shown as an error message, not as a crash.
    const { lenet } = await import("./model.js");
    const solver = await import("./solver.js");
    const gradients = gradientsOf(lenet);
    const batchsize = flags.batchsize ?? Math.ceil(solver.batchsize / flags.k);

    // Arrays of an .npz file are found by their names; --input and --label say which are meant otherwise.
    const shapes = dataShapes(gradients.program);
    const data = await readDataset(flags.data, {
      shapes,
      inputArrays: flags.input,
      labelArrays: flags.label,
      labels: flags.labels,
      onProgress,
    });
    // Rows are brought to the shape that the network takes; images are resized.
    const prepare = (rows: Dataset) => prepareDataset(rows, { ...shapes, scale: 0.0625 });
    const prepared = await prepare(data);
    say(...data.notes, ...prepared.notes);
    // Test rows that the file brings along are validated with; else a share of its rows is.
    const { train, validation } = data.validation
      ? { train: prepared, validation: await prepare(data.validation) }
      : splitDataset(prepared, { validation: 0.2, seed: flags.seed });
    const rows = rowsOf(train);

    const result = await paramserv({
      model: lenet,
      features: train.features,
      labels: train.labels,
      val_features: validation.features,
      val_labels: validation.labels,
      upd: gradients,
      agg: solver.optimizer,
      mode: "LOCAL",
      utype: flags.utype,
      freq: flags.freq,
      epochs: flags.epochs ?? resolveEpochs({ iterations: solver.iterations, batchsize: batchsize * flags.k, rows }),
      batchsize,
      k: flags.k,
      scheme: flags.scheme,
      aggregation: "mean",
      reshuffle: true,
      seed: flags.seed,
      signal,
      onEvent,
    });

    const saved = await saveResult({ directory: flags.out, network: lenet, weights: result.model });
    return { result, files: Object.values(saved) };
  },
);
