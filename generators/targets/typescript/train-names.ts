/** What train.ts imports from the runtime. */
export const trainFunctions: readonly string[] = [
  "dataShapes",
  "gradientsOf",
  "paramserv",
  "prepareDataset",
  "readDataset",
  "resolveEpochs",
  "rowsOf",
  "saveResult",
  "splitDataset",
  "trainingScript",
];

/** What train.ts.hbs calls its own variables, beside which it uses the name of the network. */
export const trainVariables: readonly string[] =
  "batchsize data flags gradients onEvent onProgress prepare prepared result rows saved say shapes signal solver train validation".split(
    " ",
  );
