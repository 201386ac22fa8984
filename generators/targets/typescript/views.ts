/** What the templates of `templates/typescript` are given: strings and booleans, and lists of such. */

export interface LayerView {
  /** True for the first layer of a paragraph. */
  readonly opensParagraph: boolean;
  /** `20×24×24 · 520 parameters · lenet.prototxt:12`. */
  readonly comment: string;
  readonly variable: string;
  readonly expression: string;
}

/** A repeated part of the network as a function. */
export interface BlockView {
  /** `3 layers, used 4 times: conv2d, batchNorm, relu.` */
  readonly summary: string;
  /** `First use, res2a: 64×56×56 → 256×56×56.` */
  readonly firstUse: string;
  readonly declaration: string;
}

/** View of model.ts.hbs. */
export interface ModelView {
  readonly title: string;
  readonly summary: string;
  /** The file that the network was read from. */
  readonly file: string;
  readonly imports: string;
  readonly blocks: readonly BlockView[];
  readonly layers: readonly LayerView[];
  readonly variable: string;
  readonly expression: string;
  readonly trains: boolean;
}

/** View of solver.ts.hbs. */
export interface SolverView {
  readonly title: string;
  readonly source: string;
  readonly imports: string;
  readonly optimizer: string;
  readonly optimizerComment: string;
  readonly globalBatchsize: string;
  readonly batchComment: string;
  readonly counts: "epochs" | "iterations";
  readonly count: string;
  readonly countComment: string;
}

/** View of train.ts.hbs. */
export interface TrainView {
  readonly title: string;
  readonly imports: string;
  readonly description: string;
  readonly defaults: readonly { readonly text: string }[];
  readonly network: string;
  /** What is done to the features, a line each. */
  readonly preparing: readonly { readonly text: string }[];
  readonly countsIterations: boolean;
  readonly epochs: string;
}

/** View of package.json.hbs. */
export interface PackageView {
  readonly name: string;
  readonly description: string;
  readonly runtime: string;
}

/** View of README.md.hbs. */
export interface ReadmeView {
  readonly title: string;
  readonly files: string;
  readonly hasDefaultData: boolean;
  readonly dataFile: string;
  /** True where an array for each input and label is needed. */
  readonly hasColumns: boolean;
  readonly inputs: string;
  readonly labels: string;
  readonly parameters: string;
  readonly layers: readonly { readonly row: string }[];
  readonly preprocessing: string;
  readonly hasPreprocessing: boolean;
  readonly hasNotes: boolean;
  readonly notes: readonly { readonly text: string }[];
}
