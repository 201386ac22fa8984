import { formatSourceRef } from "../errors.js";
import { formatShape } from "./dims.js";
import type { Attributes, ConstantData, Graph, GraphNode, Value } from "./types.js";

/** Constants with at most this many elements are printed where they are used. */
const inlineLimit = 8;

/**
 * A graph as text, a line a value: `%conv1/Conv = Conv(%data, %conv1.weight) {strides=[1,1]} : float32[N,20,24,24]`, with
 * the source place after `//`. The same graph gives the same text.
 */
export function printGraph(graph: Graph): string {
  const lines = [`graph ${graph.name} {`];
  for (const value of graph.inputs) lines.push(`  input %${value.name} : ${typeText(value)}`);
  for (const { value, data } of graph.constants.values()) {
    if (!inlined(data)) lines.push(`  constant %${value.name} : ${typeText(value)} = ${elements(data)}`);
  }
  for (const node of graph.nodes) lines.push(`  ${nodeText(graph, node)}`);
  for (const { name, value } of graph.outputs)
    lines.push(`  output ${name} = ${operandText(graph, value)} : ${typeText(value)}`);
  return `${[...lines, "}"].join("\n")}\n`;
}

function nodeText(graph: Graph, { op, inputs, outputs, attributes, at }: GraphNode): string {
  const results = outputs.map(({ name }) => `%${name}`).join(", ");
  const operands = inputs.map((value) => (value ? operandText(graph, value) : "_")).join(", ");
  const types = outputs.map(typeText).join(", ");
  const place = at ? `  // ${formatSourceRef(at)}` : "";
  return `${results} = ${op}(${operands})${attributesText(attributes)} : ${types}${place}`;
}

function attributesText(attributes: Attributes): string {
  const entries = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0
    ? ""
    : ` {${entries.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(", ")}}`;
}

function operandText(graph: Graph, value: Value): string {
  const constant = graph.constants.get(value.name);
  return constant && inlined(constant.data) ? elements(constant.data) : `%${value.name}`;
}

function inlined({ data, shape }: ConstantData): boolean {
  return shape.length <= 1 && data.length <= inlineLimit;
}

function elements({ dtype, data, shape }: ConstantData): string {
  const shown = Array.from(data.slice(0, inlineLimit), (item) => (dtype === "float32" ? float32Text(item) : `${item}`));
  if (shape.length === 0) return shown[0] ?? "";
  return `[${shown.join(",")}${data.length > inlineLimit ? ",…" : ""}]`;
}

/** The fewest digits that give back the same float32. */
function float32Text(item: number): string {
  if (Object.is(item, -0)) return "-0";
  const digits = [6, 7, 8].map((count) => Number(item.toPrecision(count)));
  return `${digits.find((short) => Math.fround(short) === Math.fround(item)) ?? item}`;
}

function typeText({ dtype, shape }: Value): string {
  return `${dtype}${formatShape(shape)}`;
}
