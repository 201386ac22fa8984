import type { Note, Roots } from "./model-checks.js";
import { show } from "./plain.js";
import { isScalar, isTensor, titleOf } from "./tensors.js";
import type { LayerRole, Scalar, Tensor, WeightedLoss } from "./types.js";

export interface ModelOptions {
  /** The network's name, for messages and files. */
  readonly name: string;
  /** What {@link input} made. */
  readonly inputs: readonly Tensor[];
  /** What {@link label} and {@link target} made. Default none. */
  readonly labels?: readonly Tensor[] | undefined;
  /** What training makes smaller, under the name `loss`. Without it and `losses` the network can only infer. */
  readonly loss?: Scalar | undefined;
  /** Several losses by name, in place of `loss`. Their weighted sum is the total, which is called `loss`. */
  readonly losses?: Readonly<Record<string, Scalar>> | undefined;
  /** Factors of losses in the total, by name of the loss. Default 1 each. */
  readonly lossWeights?: Readonly<Record<string, number>> | undefined;
  /** What inference puts out, by name. Default: what the losses and metrics are computed from. */
  readonly outputs?: Readonly<Record<string, Tensor>> | undefined;
  /** What training reports beside the losses, by name. */
  readonly metrics?: Readonly<Record<string, Scalar>> | undefined;
}

/** What an end of a network may be. */
interface Sort<T> {
  readonly is: (value: unknown) => value is T;
  readonly roles: readonly LayerRole[];
  readonly what: string;
}

const output: Sort<Tensor> = { is: isTensor, roles: ["layer", "source"], what: "a tensor with one value a sample" };
const loss: Sort<Scalar> = { is: isScalar, roles: ["loss"], what: "a loss such as softmaxCrossEntropy()" };
const metric: Sort<Scalar> = {
  is: isScalar,
  roles: ["metric", "loss"],
  what: "a metric such as accuracy(), or a loss",
};

function refuse(note: Note, where: string, value: unknown, what: string): void {
  const made = isTensor(value) || isScalar(value);
  const found = made ? `made by ${titleOf(value.layer)}` : show(value);
  note("MODEL_OPTION_INVALID", `its ${where} is ${found}, expected ${what}`, { at: made ? value.layer.at : undefined });
}

/** One of the ends that a network is made from, or nothing where it is of the wrong sort. */
function readEnd<T extends Tensor | Scalar>(note: Note, where: string, value: unknown, sort: Sort<T>): T | undefined {
  if (sort.is(value) && sort.roles.includes(value.layer.role)) return value;
  refuse(note, where, value, sort.what);
  return undefined;
}

function readSources(note: Note, key: "inputs" | "labels", value: unknown, types: readonly string[]) {
  const makers = types.map((type) => `${type}()`).join(" or ");
  if (!Array.isArray(value)) {
    note("MODEL_OPTION_INVALID", `its ${key} are ${show(value)}, expected a list of tensors made by ${makers}`);
    return [];
  }
  return value.flatMap((entry: unknown, index): readonly Tensor[] => {
    if (isTensor(entry) && types.includes(entry.layer.type)) return [entry];
    refuse(note, `${key}[${index}]`, entry, `a tensor made by ${makers}`);
    return [];
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isTensor(value) && !isScalar(value);
}

/** Ends by name. */
function readRecord<T extends Tensor | Scalar>(
  note: Note,
  key: string,
  value: unknown,
  sort: Sort<T>,
): Readonly<Record<string, T>> {
  if (!isRecord(value)) {
    const what = key === "outputs" ? "tensors" : "losses or metrics";
    note("MODEL_OPTION_INVALID", `its ${key} are ${show(value)}, expected an object of ${what} by name`);
    return {};
  }
  // Not by assignment, which would lose the name "__proto__".
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, entry]) => {
      const end = readEnd(note, `${key}.${name}`, entry, sort);
      return end === undefined ? [] : [[name, end]];
    }),
  );
}

/** Losses with their weights: one called `loss`, or those of `losses`. */
function readLosses(note: Note, { loss: only, losses, lossWeights = {} }: ModelOptions): Record<string, WeightedLoss> {
  if (only !== undefined && losses !== undefined) {
    note("MODEL_OPTION_INVALID", "it has both a loss and losses, expected one of them");
  }
  const single = only === undefined ? undefined : readEnd(note, "loss", only, loss);
  const read = losses === undefined ? (single ? { loss: single } : {}) : readRecord(note, "losses", losses, loss);
  const weights: Readonly<Record<string, unknown>> = isRecord(lossWeights) ? lossWeights : {};
  if (!isRecord(lossWeights)) {
    note("MODEL_OPTION_INVALID", `its lossWeights are ${show(lossWeights)}, expected an object of numbers by name`);
  }
  const names = Object.keys(losses ?? (only === undefined ? {} : { loss: only }));
  for (const [name, weight] of Object.entries(weights)) {
    const known = names.includes(name);
    if (!known) note("MODEL_OPTION_INVALID", `its lossWeights.${name} belongs to no loss, expected ${listed(names)}`);
    if (typeof weight === "number" && Number.isFinite(weight)) continue;
    note("MODEL_OPTION_INVALID", `its lossWeights.${name} is ${show(weight)}, expected a finite number`);
  }
  const entries = Object.entries<Scalar>(read).map(([name, scalar]): [string, WeightedLoss] => {
    return [name, { scalar, weight: Object.hasOwn(weights, name) ? Number(weights[name]) : 1 }];
  });
  return Object.fromEntries(entries);
}

const listed = (names: readonly string[]): string => (names.length === 0 ? "no weights" : `one of ${names.join(", ")}`);

const optionKeys = [
  "name",
  "inputs",
  "labels",
  "loss",
  "losses",
  "lossWeights",
  "outputs",
  "metrics",
] satisfies (keyof ModelOptions)[];

/** Reads the options of {@link model}; what is of the wrong sort is noted and left out. */
export function readModelOptions(note: Note, options: ModelOptions): Roots {
  const { name, inputs, labels = [], outputs = {}, metrics = {} } = options;
  if (typeof name !== "string" || name.trim() === "") {
    note("MODEL_OPTION_INVALID", `its name is ${show(name)}, expected text`);
  }
  for (const key of Object.keys(options)) {
    const known = (optionKeys as readonly string[]).includes(key);
    if (!known) note("MODEL_OPTION_INVALID", `its option "${key}" is unknown, expected ${optionKeys.join(", ")}`);
  }
  const roots = {
    inputs: readSources(note, "inputs", inputs, ["input"]),
    labels: readSources(note, "labels", labels, ["label", "target"]),
    losses: readLosses(note, options),
    outputs: readRecord(note, "outputs", outputs, output),
    metrics: readRecord(note, "metrics", metrics, metric),
  };
  if (options.loss === undefined && Object.keys({ ...options.losses, ...outputs }).length === 0) {
    note("MODEL_OPTION_INVALID", "it has neither a loss nor outputs, expected at least one of them");
  }
  return roots;
}
