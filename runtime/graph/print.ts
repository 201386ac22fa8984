import { formatSourceRef } from "../errors.js";
import { isConstantData, isGraph } from "./constants.js";
import { formatShape } from "./lengths.js";
import type { Attribute, Attributes, ConstantData, Graph, GraphNode, Value, ValueType } from "./types.js";

/** Constants with at most this many elements are printed where they are used. */
const inlineLimit = 8;

/** Finds the constant that a value is, in a graph or in those around it. */
type Lookup = (name: string) => ConstantData | undefined;

/**
 * A graph as text, a line a value: `%conv1/Conv = Conv(%data, %conv1.weight) {strides=[1,1]} : float32[N,20,24,24]`, with
 * the source place after `//`; a graph among the attributes follows its node, set in. The same graph gives the same text.
 */
export function printGraph(graph: Graph): string {
  return `${graphLines(graph, () => undefined).join("\n")}\n`;
}

function graphLines(graph: Graph, around: Lookup): readonly string[] {
  const lookup: Lookup = (name) => graph.constants.get(name)?.data ?? around(name);
  const lines = graph.inputs.map((value) => `input %${value.name} : ${typeText(value)}`);
  for (const { value, data } of graph.constants.values()) {
    if (!inlined(data)) lines.push(`constant %${value.name} : ${typeText(value)} = ${elements(data)}`);
  }
  for (const node of graph.nodes) lines.push(...nodeLines(node, lookup));
  for (const { name, value } of graph.outputs) {
    lines.push(`output ${name} = ${operandText(value, lookup)} : ${typeText(value)}`);
  }
  return [`graph ${graph.name} {`, ...lines.map((line) => `  ${line}`), "}"];
}

function nodeLines({ op, inputs, outputs, attributes, at }: GraphNode, lookup: Lookup): readonly string[] {
  const results = outputs.map(({ name }) => `%${name}`).join(", ");
  const operands = inputs.map((value) => (value ? operandText(value, lookup) : "_")).join(", ");
  const types = outputs.map(typeText).join(", ");
  const place = at ? `  // ${formatSourceRef(at)}` : "";
  const line = `${results} = ${op}(${operands})${attributesText(attributes)} : ${types}${place}`;
  const graphs = Object.values(attributes).filter(isGraph);
  return [line, ...graphs.flatMap((graph) => graphLines(graph, lookup).map((inner) => `  ${inner}`))];
}

function attributesText(attributes: Attributes): string {
  const entries = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0
    ? ""
    : ` {${entries.map(([name, value]) => `${name}=${attributeText(value)}`).join(", ")}}`;
}

function attributeText(value: Attribute | undefined): string {
  if (isGraph(value)) return value.name;
  if (isConstantData(value)) return elements(value);
  return JSON.stringify(value) ?? "";
}

function operandText(value: Value, lookup: Lookup): string {
  const constant = lookup(value.name);
  return constant && inlined(constant) ? elements(constant) : `%${value.name}`;
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

function typeText({ dtype, shape }: ValueType): string {
  return `${dtype}${formatShape(shape)}`;
}
