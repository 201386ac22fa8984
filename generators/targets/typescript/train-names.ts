/** What train.ts imports from the runtime. */
export const trainFunctions: readonly string[] = [
  "adjustOptimizer",
  "dataShapes",
  "gradientsOf",
  "loadData",
  "paramserv",
  "resolveEpochs",
  "rowsOf",
  "saveResult",
  "startingModel",
  "trainingScript",
];

/** What train.ts.hbs calls its own variables, beside which it uses the name of the network. */
export const trainVariables: readonly string[] =
  "batchsize flags globalBatchsize gradients length onEvent onProgress options result saved say signal solver train validation".split(
    " ",
  );
