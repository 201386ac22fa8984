import { CompileError, type Problem } from "../errors.js";
import { checkNames, checkSize, checkSources, type Note, type Roots, reachableLayers } from "./model-checks.js";
import { nameLayers } from "./naming.js";
import { deepFreeze, show } from "./plain.js";
import { isTensor, type LayerRole, recordOf, titleOf } from "./records.js";
import type { LayerNode, Network, Tensor } from "./types.js";

export interface ModelOptions {
  /** The network's name, for messages and files. */
  readonly name: string;
  /** What {@link input} made. */
  readonly inputs: readonly Tensor[];
  /** What {@link label} and {@link target} made. Default none. */
  readonly labels?: readonly Tensor[];
  /** What training makes smaller. Without it the network can only infer. */
  readonly loss?: Tensor;
  /** What inference puts out, by name. Default: what the loss and metrics are computed from. */
  readonly outputs?: Readonly<Record<string, Tensor>>;
  /** What training reports beside the loss, by name. */
  readonly metrics?: Readonly<Record<string, Tensor>>;
}

function notes(list: Problem[], network: string): Note {
  return (code, message, { at, hint } = {}) => {
    list.push({
      code,
      message: `network ${show(network)}: ${message}`,
      ...(at === undefined ? {} : { at }),
      ...(hint === undefined ? {} : { hint }),
    });
  };
}

const titleOfNode = (node: LayerNode): string => titleOf(node.type, recordOf(node).named ? node.name : undefined);

/** One of the tensors a network is made from, or nothing where it is of the wrong sort. */
function readTensor(note: Note, where: string, value: unknown, sort: { roles: readonly LayerRole[]; what: string }) {
  if (isTensor(value) && sort.roles.includes(recordOf(value.layer).role)) return value;
  const found = isTensor(value) ? `made by ${titleOfNode(value.layer)}` : show(value);
  const at = isTensor(value) ? value.layer.at : undefined;
  note("MODEL_OPTION_INVALID", `its ${where} is ${found}, expected ${sort.what}`, { at });
  return undefined;
}

function readList(note: Note, key: "inputs" | "labels", value: unknown, types: readonly string[]): readonly Tensor[] {
  const makers = types.map((type) => `${type}()`).join(" or ");
  if (!Array.isArray(value)) {
    note("MODEL_OPTION_INVALID", `its ${key} are ${show(value)}, expected a list of tensors made by ${makers}`);
    return [];
  }
  return value.flatMap((entry: unknown, index) => {
    const ok = isTensor(entry) && types.includes(entry.layer.type);
    const sort = { roles: ok ? (["source"] as const) : [], what: `a tensor made by ${makers}` };
    return readTensor(note, `${key}[${index}]`, entry, sort) ?? [];
  });
}

function readRecord(note: Note, key: "outputs" | "metrics", value: unknown, sort: Parameters<typeof readTensor>[3]) {
  const read: Record<string, Tensor> = {};
  if (typeof value !== "object" || value === null || Array.isArray(value) || isTensor(value)) {
    note("MODEL_OPTION_INVALID", `its ${key} are ${show(value)}, expected an object of tensors by name`);
    return read;
  }
  for (const [name, entry] of Object.entries(value)) {
    const tensor = readTensor(note, `${key}.${name}`, entry, sort);
    if (tensor !== undefined) read[name] = tensor;
  }
  return read;
}

const optionKeys = ["name", "inputs", "labels", "loss", "outputs", "metrics"] satisfies (keyof ModelOptions)[];

function readOptions(note: Note, options: ModelOptions): Roots {
  const { name, inputs, labels = [], loss, outputs = {}, metrics = {} } = options;
  if (typeof name !== "string" || name.trim() === "") {
    note("MODEL_OPTION_INVALID", `its name is ${show(name)}, expected text`);
  }
  for (const key of Object.keys(options)) {
    const known = (optionKeys as readonly string[]).includes(key);
    if (!known) note("MODEL_OPTION_INVALID", `its option "${key}" is unknown, expected ${optionKeys.join(", ")}`);
  }
  const layer = { roles: ["layer", "source"] as const, what: "a tensor with one value a sample" };
  const roots = {
    inputs: readList(note, "inputs", inputs, ["input"]),
    labels: readList(note, "labels", labels, ["label", "target"]),
    loss:
      loss === undefined
        ? undefined
        : readTensor(note, "loss", loss, { roles: ["loss"], what: "a loss such as softmaxCrossEntropy()" }),
    outputs: readRecord(note, "outputs", outputs, layer),
    metrics: readRecord(note, "metrics", metrics, {
      roles: ["metric", "loss"],
      what: "a metric such as accuracy(), or a loss",
    }),
  };
  if (loss === undefined && Object.keys(outputs).length === 0) {
    note("MODEL_OPTION_INVALID", "it has neither a loss nor outputs, expected at least one of them");
  }
  return roots;
}

/**
 * Makes a network from its ends: all layers that the loss, outputs and metrics need are collected, in the order they
 * were made. Layers without a name are numbered in that order, by type: `relu1`, `relu2`.
 *
 * @throws CompileError with every problem: duplicate names, sources that are not listed or not needed, ends of the
 *   wrong sort
 * @example
 * const lenet = model({ name: "LeNet", inputs: [data], labels: [digit], loss: softmaxCrossEntropy(ip2, digit),
 *   outputs: { prob: softmax(ip2) }, metrics: { accuracy: accuracy(ip2, digit) } });
 */
export function model(options: ModelOptions): Network {
  if (typeof options !== "object" || options === null) {
    const message = `model() is given ${show(options)}, expected options`;
    throw new CompileError({ code: "MODEL_OPTION_INVALID", message });
  }
  const problems: Problem[] = [];
  const note = notes(problems, options.name);
  const throwIfAny = () => {
    if (problems.length > 0) throw new CompileError(problems);
  };
  const roots = readOptions(note, options);
  throwIfAny();
  const { loss, outputs, metrics } = roots;
  const nodes = reachableLayers([
    ...(loss === undefined ? [] : [loss]),
    ...Object.values(outputs),
    ...Object.values(metrics),
  ]);
  checkSources(note, roots, nodes);
  checkNames(note, roots, nodes);
  checkSize(note, nodes);
  throwIfAny();
  return assemble(options.name, roots, nodes);
}

function assemble(
  name: string,
  { inputs, labels, loss, outputs, metrics }: Roots,
  nodes: readonly LayerNode[],
): Network {
  const named = nameLayers(nodes);
  const renameAll = (record: Readonly<Record<string, Tensor>>) =>
    Object.fromEntries(Object.entries(record).map(([key, tensor]) => [key, named.get(tensor)]));
  const layers = nodes.map(named.layer);
  return Object.freeze({
    kind: "network",
    name,
    inputs: Object.freeze(inputs.map(named.get)),
    labels: Object.freeze(labels.map(named.get)),
    ...(loss === undefined ? {} : { loss: named.get(loss) }),
    outputs: Object.freeze(renameAll(outputs)),
    metrics: Object.freeze(renameAll(metrics)),
    layers: Object.freeze(layers),
    parameters: deepFreeze(layers.flatMap(({ parameters }) => [...parameters])),
  });
}
