import { basename } from "node:path";
import { formatSourceRef, type SourceRef } from "../errors.js";
import { printValue } from "../layers/describe.js";
import { isTensor } from "../layers/tensors.js";
import type { LayerNode, Network, OptionValue, Variable } from "../layers/types.js";
import { visible } from "../markup.js";
import { formatNumberOf } from "../report/format.js";
import { countElements } from "../shape.js";
import { shorten, type Weight, widthOf, wrap } from "./text.js";

/** What a layer is to its network; each has its own outline, so that no colour is needed to tell them apart. */
export type CardKind = "input" | "label" | "variable" | "plain" | "trained" | "output" | "loss" | "metric";

/** A line of text in a card. */
export interface CardLine {
  readonly text: string;
  readonly style: "tag" | "name" | "detail";
}

/** A layer as it is drawn. Lengths are pixels. */
export interface Card {
  readonly kind: CardKind;
  readonly lines: readonly CardLine[];
  /** All that is known of the layer, in lines: shown where a pointer rests on it. */
  readonly title: string;
  readonly width: number;
  readonly height: number;
}

export const lineStyles: Readonly<Record<CardLine["style"], { size: number; height: number; weight: Weight }>> = {
  tag: { size: 10, height: 14, weight: "bold" },
  name: { size: 13, height: 17, weight: "bold" },
  detail: { size: 11, height: 15, weight: "regular" },
};
export const edgeLabelSize = 11;
export const edgeLabelHeight = 14;
export const cardPadding = { x: 12, y: 7 } as const;
const textWidth = 210;
const narrowest = 84;

/** The names under which a layer's results leave the network. */
function ends(
  network: Network,
  layer: LayerNode,
): { readonly outputs: readonly string[]; readonly tags: readonly string[] } {
  const outputs = Object.entries(network.outputs).filter(([, tensor]) => tensor.layer === layer);
  const losses = Object.entries(network.losses).filter(([, loss]) => loss.scalar.layer === layer);
  const metrics = Object.entries(network.metrics).filter(([, metric]) => metric.layer === layer);
  const named = (word: string, name: string) => (name === word || name === layer.name ? word : `${word} ${name}`);
  return {
    outputs: outputs.map(([name]) => name),
    tags: [
      ...outputs.map(([name]) => named("output", name)),
      ...losses.map(([name, { weight }]) => `${named("loss", name)}${weight === 1 ? "" : ` × ${weight}`}`),
      ...metrics.map(([name]) => named("metric", name)),
    ],
  };
}

/** What a source is called above its name. */
function sourceTag(network: Network, layer: LayerNode, uses: number): string | undefined {
  if (layer.role !== "source") return undefined;
  if (network.inputs.some((tensor) => tensor.layer === layer)) return "input";
  const variable = layer.variables.value;
  if (variable === undefined) return "label";
  const role = variable.role === "trained" ? "variable" : `${variable.role} variable`;
  return uses > 1 ? `${role}, shared by ${uses} layers` : role;
}

function kindOf(layer: LayerNode, source: string | undefined, isOutput: boolean): CardKind {
  if (layer.role === "loss" || layer.role === "metric") return layer.role;
  if (source === "input" || source === "label") return source;
  if (source !== undefined) return "variable";
  if (isOutput) return "output";
  return Object.keys(layer.variables).length > 0 ? "trained" : "plain";
}

function isPlain(value: OptionValue): boolean {
  return typeof value !== "object" || (Array.isArray(value) && value.every(isPlain));
}

/** An option short enough for a card: `kernel 5`, `stride 2×1`. */
function shortOption([name, value]: readonly [string, OptionValue]): string {
  return `${name} ${Array.isArray(value) ? value.map(String).join("×") : String(value)}`;
}

/** Multipliers of learning rate and decay are for the table: they do not say what a layer computes. */
const minor: readonly string[] = ["lr", "decay", "shape"];

function keyOptions({ options }: LayerNode): readonly string[] {
  return Object.entries(options)
    .filter(([name, value]) => isPlain(value) && !minor.includes(name))
    .map(shortOption);
}

/** All options as text, and the numbers given in the place of tensors. */
export function describeOptions({ options, tensors, inputs }: LayerNode): string {
  const numbers = inputs.filter((given) => given !== undefined && !isTensor(given)).map((given) => `[${given}]`);
  const values = Object.entries(options).map(([name, value]) => `${name}: ${printValue(value)}`);
  const given = Object.entries(tensors).map(([name, { layer }]) => `${name}: ${layer.name}`);
  return [...numbers, ...values, ...given].join(", ");
}

/** `weight 20×1×5×5, running_mean 20 state`. */
export function describeVariables(layer: LayerNode): string {
  const one = ([short, { shape, role }]: readonly [string, Variable]) =>
    `${short} ${shape.join("×") || "1"}${role === "trained" ? "" : ` ${role}`}`;
  return Object.entries(layer.variables).map(one).join(", ");
}

/** `lenet.prototxt:25`, without its directory: pictures are passed on. */
export function describePlace(at: SourceRef | undefined): string {
  if (at === undefined) return "";
  const { column: _, file, ...place } = at;
  return formatSourceRef({ ...place, ...(file === undefined ? {} : { file: basename(file) }) });
}

/** How many numbers a layer holds, or "". */
export function describeCount({ variables }: LayerNode): string {
  const count = countElements(Object.values(variables));
  return count === 0 ? "" : formatNumberOf(count, "parameter");
}

function line(text: string, style: CardLine["style"]): CardLine {
  const { size, weight } = lineStyles[style];
  return { text: shorten(visible(text), textWidth, size, weight), style };
}

function linesOf(layer: LayerNode, tags: readonly string[]): readonly CardLine[] {
  const shown = tags.length === 0 ? [] : [line(tags.join(", "), "tag")];
  const type = tags[0]?.startsWith(layer.type) ? [] : [layer.type];
  const options = keyOptions(layer).map((option, at, all) => (at < all.length - 1 ? `${option},` : option));
  if (type.length > 0 && options.length > 0) type[0] += ":";
  const details = wrap([...type, ...options].map(visible), textWidth, 2, lineStyles.detail.size);
  const count = describeCount(layer);
  return [
    ...shown,
    line(layer.name, "name"),
    ...details.map((text): CardLine => ({ text, style: "detail" })),
    ...(count === "" ? [] : [line(count, "detail")]),
  ];
}

/** A layer as it is drawn; `uses` layers take what it gives. */
export function cardOf(network: Network, layer: LayerNode, uses: number): Card {
  const source = sourceTag(network, layer, uses);
  const { outputs, tags } = ends(network, layer);
  const all = source === undefined ? tags : [source, ...tags];
  const lines = linesOf(layer, all);
  const widths = lines.map(({ text, style }) => widthOf(text, lineStyles[style].size, lineStyles[style].weight));
  const heights = lines.map(({ style }) => lineStyles[style].height);
  const facts = [`${layer.name}: ${layer.type}`, all.join(", "), describeOptions(layer), describeVariables(layer)];
  return {
    kind: kindOf(layer, source, outputs.length > 0),
    lines,
    title: [...facts, describePlace(layer.at)].filter((fact) => fact !== "").join("\n"),
    width: Math.max(narrowest, Math.ceil(Math.max(...widths)) + 2 * cardPadding.x),
    height: heights.reduce((sum, height) => sum + height, 2 * cardPadding.y),
  };
}
