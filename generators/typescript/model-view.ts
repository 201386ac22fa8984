import type { LayerNode, Network, Tensor } from "../../runtime/layers/types.js";
import { countElements } from "../../runtime/shape.js";
import type { ImportedModel } from "../imported.js";
import { type Imports, importCode, layerCode } from "./expressions.js";
import { call, list, object, printCode, text } from "./layout.js";
import { commentText, countText, placeText, shapeText, stringLiteral } from "./literals.js";
import { createNames } from "./names.js";
import { trainFunctions, trainVariables } from "./train-names.js";
import type { LayerView, ModelView } from "./views.js";

/** The names of the files that were read, without their directories. */
export function fileNames({ files }: ImportedModel): string {
  return files.map((file) => placeText({ file })).join(" and ");
}

/** Every tensor by the name of its layer. */
function tensorsOf(network: Network): ReadonlyMap<string, Tensor> {
  const ends = [network.loss, ...Object.values(network.outputs), ...Object.values(network.metrics)];
  const all = [...network.inputs, ...network.labels, ...ends, ...network.layers.flatMap(({ inputs }) => inputs)];
  return new Map(all.flatMap((tensor) => (tensor === undefined ? [] : [[tensor.name, tensor]])));
}

/** What a layer puts out, for a reader: `20×24×24`. */
export function outputText(node: LayerNode, tensor: Tensor | undefined): string {
  if (tensor?.perBatch) return "mean over the batch";
  const kind = tensor?.dtype === "int32" ? "class number" : "value";
  if (node.shape.length === 0) return `one ${kind}`;
  return node.shape.length === 1 || kind !== "value" ? `${shapeText(node.shape)} ${kind}s` : shapeText(node.shape);
}

function layerComment(node: LayerNode, tensor: Tensor | undefined): string {
  const parameters = countElements(node.parameters);
  const count = parameters === 0 ? "" : `${countText(parameters)} parameters`;
  return [outputText(node, tensor), count, placeText(node.at)].filter((part) => part !== "").join(" · ");
}

/** What a variable is called where the layer's own name is taken: `label` → `labels`, `accuracy` → `accuracyMetric`. */
function suffixes(network: Network): ReadonlyMap<string, string> {
  const of = (tensors: readonly Tensor[], suffix: string) => tensors.map(({ name }) => [name, suffix] as const);
  return new Map([
    ...of(Object.values(network.outputs), "Output"),
    ...of(Object.values(network.metrics), "Metric"),
    ...of(network.loss === undefined ? [] : [network.loss], "Loss"),
    ...of([...network.inputs, ...network.labels], "s"),
  ]);
}

/** The layers that open a paragraph: each with parameters, and those where sources, layers, loss and metrics part. */
function paragraphs(network: Network, tensors: ReadonlyMap<string, Tensor>): ReadonlySet<LayerNode> {
  const opening = new Set<LayerNode>();
  let previous = "source";
  for (const node of network.layers) {
    const isEnd = tensors.get(node.name)?.perBatch === true;
    const part = node.inputs.length === 0 ? "source" : isEnd || previous === "end" ? "end" : "layer";
    // A label is often made where the loss needs it: the two stay together.
    const parts = part !== previous && !(previous === "source" && part === "end");
    if (node.parameters.length > 0 || parts) opening.add(node);
    previous = node.parameters.length > 0 ? "layer" : part;
  }
  return opening;
}

interface ModelNames {
  /** The name that the network is exported under. */
  readonly network: string;
  /** The variable of each layer, by the layer's name. */
  readonly variables: ReadonlyMap<string, string>;
}

/** The exported name does not depend on the layers, because train.ts uses it too: the layers give way. */
export function modelNames(network: Network, imports: Iterable<string>): ModelNames {
  const names = createNames(imports);
  const avoid = [...trainVariables, ...trainFunctions];
  const exported = names.claim(network.name.toLowerCase(), { prefix: "network", suffix: "Network", avoid });
  const suffix = suffixes(network);
  const variables = new Map<string, string>();
  for (const { name } of network.layers)
    variables.set(name, names.claim(name, { suffix: suffix.get(name) ?? "Layer" }));
  return { network: exported, variables };
}

function modelCode(network: Network, variables: ReadonlyMap<string, string>) {
  const variable = ({ name }: Tensor) => text(variables.get(name) ?? name);
  const record = (tensors: Readonly<Record<string, Tensor>>) =>
    object(Object.fromEntries(Object.entries(tensors).map(([key, tensor]) => [key, variable(tensor)])));
  return call("model", [
    object({
      name: text(stringLiteral(network.name)),
      inputs: list(network.inputs.map(variable)),
      labels: list(network.labels.map(variable)),
      ...(network.loss === undefined ? {} : { loss: variable(network.loss) }),
      ...(Object.keys(network.outputs).length === 0 ? {} : { outputs: record(network.outputs) }),
      ...(Object.keys(network.metrics).length === 0 ? {} : { metrics: record(network.metrics) }),
    }),
  ]);
}

/** Collects what the layers import, without their variables, which depend on it. */
export function modelImports(network: Network): Imports {
  const imports: Imports = new Set(["model"]);
  for (const node of network.layers) layerCode(node, new Map(), imports);
  return imports;
}

export function viewModel(imported: ImportedModel): ModelView {
  const { network } = imported;
  const imports = modelImports(network);
  const names = modelNames(network, imports);
  const tensors = tensorsOf(network);
  const opening = paragraphs(network, tensors);
  const layers = network.layers.map((node): LayerView => {
    const variable = names.variables.get(node.name) ?? node.name;
    const before = `const ${variable} = `.length;
    return {
      opensParagraph: opening.has(node),
      comment: layerComment(node, tensors.get(node.name)),
      variable,
      expression: printCode(layerCode(node, names.variables, imports), { before, after: 1 }),
    };
  });
  return {
    title: commentText(network.name),
    summary: `${countText(network.layers.length)} layers, ${countText(countElements(network.parameters))} parameters`,
    file: placeText({ file: imported.files[0] ?? imported.name }),
    imports: printCode(importCode(imports), { before: "import ".length, after: ' from "paramserv";'.length }),
    layers,
    variable: names.network,
    expression: printCode(modelCode(network, names.variables), {
      before: `export const ${names.network} = `.length,
      after: 1,
    }),
    trains: network.loss !== undefined,
  };
}
