import { tensorsOf } from "../../../runtime/layers/tensors.js";
import type { LayerNode, Network, Scalar, Tensor } from "../../../runtime/layers/types.js";
import { countElements } from "../../../runtime/shape.js";
import { type Block, type BlockUse, findBlocks } from "../../blocks/index.js";
import type { ImportedModel } from "../../imported.js";
import { outputsOf, useComment } from "./block-comments.js";
import { listPattern, patternOf, useCode, viewBlock } from "./block-view.js";
import { type Imports, importCode, layerCode } from "./expressions.js";
import { type Code, call, list, object, printCode, text } from "./layout.js";
import { commentText, numberLiteral, numberOf, placeText, stringLiteral } from "./literals.js";
import { createNames } from "./names.js";
import { layerComment } from "./output-text.js";
import { trainFunctions, trainVariables } from "./train-names.js";
import type { BlockView, LayerView, ModelView } from "./views.js";

/** The names of the files that were read, without their directories. */
export function fileNames({ files }: ImportedModel): string {
  return files.map((file) => placeText({ file })).join(" and ");
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
  /** The variables of each layer, one an output; empty where only its block's function knows it. */
  readonly variables: ReadonlyMap<LayerNode, readonly string[]>;
  /** The functions of blocks. */
  readonly functions: ReadonlyMap<Block, string>;
}

/** Outputs of a layer that stand at the top of the file: all, or those that its block gives. */
function visibleOutputs(blocks: readonly Block[]): (node: LayerNode) => readonly number[] {
  const given = new Map<LayerNode, number[]>();
  for (const block of blocks) {
    for (const use of block.uses) {
      for (const node of use.layers) given.set(node, []);
      for (const { node, output } of outputsOf(block, use)) given.get(node)?.push(output);
    }
  }
  return (node) => given.get(node) ?? [...node.outputs.keys(), ...(node.outputs.length === 0 ? [0] : [])];
}

/** The exported name does not depend on the layers, because train.ts uses it too: the layers give way. */
export function modelNames(network: Network, imports: Iterable<string>, blocks: readonly Block[] = []): ModelNames {
  const visible = visibleOutputs(blocks);
  const names = createNames(imports);
  const avoid = [...trainVariables, ...trainFunctions];
  const exported = names.claim(network.name.toLowerCase(), { prefix: "network", suffix: "Network", avoid });
  const suffix = suffixes(network);
  const variables = new Map<LayerNode, readonly string[]>();
  for (const node of network.layers) {
    const request = { suffix: suffix.get(node) ?? "Layer" };
    const several = node.outputs.length > 1;
    const claimed: string[] = [];
    for (const output of visible(node)) {
      claimed[output] = names.claim(several ? `${node.name}_${output}` : node.name, request);
    }
    variables.set(node, claimed);
  }
  const functions = blocks.map((block) => [block, names.claim(block.name, { suffix: "Block" })] as const);
  return { network: exported, variables, functions: new Map(functions) };
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

/** Collects what the layers and functions import, without their variables, which depend on it. */
export function modelImports(network: Network, blocks: readonly Block[] = []): Imports {
  const imports: Imports = new Set(["model", ...(blocks.length === 0 ? [] : ["type Tensor"])]);
  for (const node of network.layers) layerCode(node, () => "", imports);
  return imports;
}

/** The variables that something uses. */
function usedVariables(network: Network, names: ModelNames): ReadonlySet<string> {
  const ends = [...network.inputs, ...network.labels, ...Object.values(network.outputs)];
  return new Set([...network.layers.flatMap(tensorsOf), ...ends].map(nameIn(names)));
}

/** What a file's names are made of. */
interface File {
  readonly names: ModelNames;
  readonly imports: Imports;
  readonly used: ReadonlySet<string>;
}

function layerView(node: LayerNode, opensParagraph: boolean, { names, imports, used }: File): LayerView {
  const variable = patternOf(node, names.variables.get(node) ?? [], used);
  const code = layerCode(node, nameIn(names), imports);
  return {
    opensParagraph,
    comment: layerComment(node),
    variable,
    expression: printCode(code, { before: `const ${variable} = `.length, after: 1 }),
  };
}

function useView(block: Block, use: BlockUse, { names, imports, used }: File): LayerView {
  const made = outputsOf(block, use).map(({ node, output }) => names.variables.get(node)?.[output] ?? "");
  const variable = made.length === 1 ? (made[0] ?? "") : listPattern(made, used);
  const code = useCode(block, use, names.functions.get(block) ?? block.name, nameIn(names), imports);
  return {
    opensParagraph: true,
    comment: useComment(block, use),
    variable,
    expression: printCode(code, { before: `const ${variable} = `.length, after: 1 }),
  };
}

/** The layers in the order of the network; those of a block are one call. */
function layerViews(network: Network, blocks: readonly Block[], file: File): readonly LayerView[] {
  const opening = paragraphs(network);
  const starts = new Map(blocks.flatMap((block) => block.uses.map((use) => [use.start, { block, use }] as const)));
  const views: LayerView[] = [];
  for (let index = 0; index < network.layers.length; index++) {
    const node = network.layers[index];
    const call = starts.get(index);
    if (call !== undefined) {
      views.push(useView(call.block, call.use, file));
      index += call.use.layers.length - 1;
    } else if (node !== undefined) views.push(layerView(node, opening.has(node), file));
  }
  return views;
}

function blockViews(blocks: readonly Block[], { names, imports, used }: File): readonly BlockView[] {
  return blocks.map((block) => {
    const [first] = block.uses;
    const ends = first === undefined ? [] : outputsOf(block, first);
    const made = ends.map(({ node, output }) => names.variables.get(node)?.[output] ?? "");
    const variable = made.find((name) => used.has(name)) ?? "";
    return viewBlock(block, names.functions.get(block) ?? block.name, variable, imports);
  });
}

export function viewModel(imported: ImportedModel): ModelView {
  const { network } = imported;
  const blocks = findBlocks(network);
  const imports = modelImports(network, blocks);
  const names = modelNames(network, imports, blocks);
  const file = { names, imports, used: usedVariables(network, names) };
  return {
    title: commentText(network.name),
    summary: `${numberOf(network.layers.length, "layer")}, ${numberOf(countElements(network.variables), "parameter")}`,
    file: placeText({ file: imported.files[0] ?? imported.name }),
    imports: printCode(importCode(imports), { before: "import ".length, after: ' from "paramserv";'.length }),
    blocks: blockViews(blocks, file),
    layers: layerViews(network, blocks, file),
    variable: names.network,
    expression: printCode(modelCode(network, names), {
      before: `export const ${names.network} = `.length,
      after: 1,
    }),
    trains: Object.keys(network.losses).length > 0,
  };
}
