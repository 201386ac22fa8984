import { definitionOf } from "../../../runtime/layers/table.js";
import { sampleShape, tensorsOf } from "../../../runtime/layers/tensors.js";
import type { LayerNode, Network, Scalar, Tensor } from "../../../runtime/layers/types.js";
import { countElements } from "../../../runtime/shape.js";
import type { ImportedModel } from "../../imported.js";
import { type Imports, importCode, layerCode } from "./expressions.js";
import { type Code, call, list, object, printCode, text } from "./layout.js";
import { commentText, numberLiteral, numberOf, placeText, shapeText, stringLiteral } from "./literals.js";
import { createNames } from "./names.js";
import { trainFunctions, trainVariables } from "./train-names.js";
import type { LayerView, ModelView } from "./views.js";

/** The names of the files that were read, without their directories. */
export function fileNames({ files }: ImportedModel): string {
  return files.map((file) => placeText({ file })).join(" and ");
}

/** What a layer puts out, for a reader: `20×24×24`, `50 values and 20 values` of a layer with two outputs. */
export function outputText(node: LayerNode): string {
  if (node.role === "source" && node.variables.value !== undefined) return shapeText(node.variables.value.shape);
  if (node.role === "loss" || node.role === "metric") return "mean over the batch";
  // A source that knows classes holds their numbers.
  const classes = Object.hasOwn(definitionOf(node.type).options, "classes");
  const texts = node.outputs.map((type) => typeText(type, classes));
  return texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}`;
}

const nouns = { float32: "value", int32: "whole number", int64: "whole number", bool: "flag" } as const;

function typeText({ dtype, shape }: LayerNode["outputs"][number], classes: boolean): string {
  const sample = sampleShape(shape);
  const noun = classes ? "class number" : nouns[dtype];
  if (sample.length === 0) return `one ${noun}`;
  if (sample.length !== 1 && dtype === "float32") return shapeText(sample);
  return `${shapeText(sample)} ${noun}${sample.length === 1 && sample[0] === 1 ? "" : "s"}`;
}

function layerComment(node: LayerNode): string {
  const parameters = countElements(Object.values(node.variables));
  const count = parameters === 0 ? "" : numberOf(parameters, "parameter");
  return [outputText(node), count, placeText(node.at)].filter((part) => part !== "").join(" · ");
}

/** What a variable is called where the layer's own name is taken: `label` → `labels`, `accuracy` → `accuracyMetric`. */
function suffixes(network: Network): ReadonlyMap<LayerNode, string> {
  const of = (ends: readonly { readonly layer: LayerNode }[], suffix: string) =>
    ends.map(({ layer }) => [layer, suffix] as const);
  return new Map([
    ...of(Object.values(network.outputs), "Output"),
    ...of(Object.values(network.metrics), "Metric"),
    ...of(
      Object.values(network.losses).map(({ scalar }) => scalar),
      "Loss",
    ),
    ...of([...network.inputs, ...network.labels], "s"),
  ]);
}

/** The layers that open a paragraph: each with parameters, and those where sources, layers, losses and metrics part. */
function paragraphs(network: Network): ReadonlySet<LayerNode> {
  const opening = new Set<LayerNode>();
  let previous = "source";
  for (const node of network.layers) {
    const isEnd = node.role === "loss" || node.role === "metric";
    const part = node.role === "source" ? "source" : isEnd || previous === "end" ? "end" : "layer";
    const learns = Object.keys(node.variables).length > 0;
    // A label is often made where the loss needs it: the two stay together.
    const parts = part !== previous && !(previous === "source" && part === "end");
    if (learns || parts) opening.add(node);
    previous = learns ? "layer" : part;
  }
  return opening;
}

interface ModelNames {
  /** The name that the network is exported under. */
  readonly network: string;
  /** The variables of each layer, one an output. */
  readonly variables: ReadonlyMap<LayerNode, readonly string[]>;
}

/** The exported name does not depend on the layers, because train.ts uses it too: the layers give way. */
export function modelNames(network: Network, imports: Iterable<string>): ModelNames {
  const names = createNames(imports);
  const avoid = [...trainVariables, ...trainFunctions];
  const exported = names.claim(network.name.toLowerCase(), { prefix: "network", suffix: "Network", avoid });
  const suffix = suffixes(network);
  const variables = new Map<LayerNode, readonly string[]>();
  for (const node of network.layers) {
    const request = { suffix: suffix.get(node) ?? "Layer" };
    const several = node.outputs.length > 1;
    const wanted = several ? node.outputs.map((_, index) => `${node.name}_${index}`) : [node.name];
    variables.set(
      node,
      wanted.map((name) => names.claim(name, request)),
    );
  }
  return { network: exported, variables };
}

const nameIn =
  ({ variables }: ModelNames) =>
  (end: Tensor | Scalar): string =>
    variables.get(end.layer)?.["index" in end ? end.index : 0] ?? end.layer.name;

/** `loss`, or `losses` and their weights where there are several or the one has a name of its own. */
function lossesCode({ losses }: Network, variable: (end: Scalar) => Code): Readonly<Record<string, Code>> {
  const all = Object.entries(losses);
  const [first] = all;
  if (first === undefined) return {};
  if (all.length === 1 && first[0] === "loss" && first[1].weight === 1) return { loss: variable(first[1].scalar) };
  const weights = all.filter(([, { weight }]) => weight !== 1);
  return {
    losses: object(Object.fromEntries(all.map(([name, { scalar }]) => [name, variable(scalar)]))),
    ...(weights.length === 0
      ? {}
      : {
          lossWeights: object(
            Object.fromEntries(weights.map(([name, { weight }]) => [name, text(numberLiteral(weight))])),
          ),
        }),
  };
}

function modelCode(network: Network, names: ModelNames) {
  const find = nameIn(names);
  const variable = (end: Tensor | Scalar) => text(find(end));
  const record = (ends: Readonly<Record<string, Tensor | Scalar>>) =>
    object(Object.fromEntries(Object.entries(ends).map(([key, end]) => [key, variable(end)])));
  return call("model", [
    object({
      name: text(stringLiteral(network.name)),
      inputs: list(network.inputs.map(variable)),
      labels: list(network.labels.map(variable)),
      ...lossesCode(network, variable),
      ...(Object.keys(network.outputs).length === 0 ? {} : { outputs: record(network.outputs) }),
      ...(Object.keys(network.metrics).length === 0 ? {} : { metrics: record(network.metrics) }),
    }),
  ]);
}

/** Collects what the layers import, without their variables, which depend on it. */
export function modelImports(network: Network): Imports {
  const imports: Imports = new Set(["model"]);
  for (const node of network.layers) layerCode(node, () => "", imports);
  return imports;
}

/** `conv1`, or `[left, right]` of a layer that gives a list, outputs that nothing uses left out: `[, state]`. */
function patternOf(node: LayerNode, variables: readonly string[], used: ReadonlySet<string>): string {
  if (node.outputs.length <= 1 && !definitionOf(node.type).givesList) return variables[0] ?? node.name;
  const last = variables.findLastIndex((name) => used.has(name));
  return `[${variables
    .slice(0, last + 1)
    .map((name) => (used.has(name) ? name : ""))
    .join(", ")}]`;
}

/** The variables that something uses. */
function usedVariables(network: Network, names: ModelNames): ReadonlySet<string> {
  const ends = [...network.inputs, ...network.labels, ...Object.values(network.outputs)];
  return new Set([...network.layers.flatMap(tensorsOf), ...ends].map(nameIn(names)));
}

export function viewModel(imported: ImportedModel): ModelView {
  const { network } = imported;
  const imports = modelImports(network);
  const names = modelNames(network, imports);
  const opening = paragraphs(network);
  const used = usedVariables(network, names);
  const layers = network.layers.map((node): LayerView => {
    const variable = patternOf(node, names.variables.get(node) ?? [], used);
    const before = `const ${variable} = `.length;
    return {
      opensParagraph: opening.has(node),
      comment: layerComment(node),
      variable,
      expression: printCode(layerCode(node, nameIn(names), imports), { before, after: 1 }),
    };
  });
  return {
    title: commentText(network.name),
    summary: `${numberOf(network.layers.length, "layer")}, ${numberOf(countElements(network.variables), "parameter")}`,
    file: placeText({ file: imported.files[0] ?? imported.name }),
    imports: printCode(importCode(imports), { before: "import ".length, after: ' from "paramserv";'.length }),
    layers,
    variable: names.network,
    expression: printCode(modelCode(network, names), {
      before: `export const ${names.network} = `.length,
      after: 1,
    }),
    trains: Object.keys(network.losses).length > 0,
  };
}
