import { isConstantData, isGraph, smallConstant } from "../../../runtime/graph/constants.js";
import type { Attribute, ConstantData, Graph, GraphNode, Value } from "../../../runtime/graph/types.js";
import { dataCode, numbersCode } from "./data-code.js";
import { type Code, call, lambda, list, object, type Statement, text } from "./layout.js";
import { numberLiteral, stringLiteral } from "./literals.js";
import { createNames, type Names } from "./names.js";

/** A graph among a layer's attributes as the code that builds it: `graph("body", (g) => { … })`. */
export function graphCode(graph: Graph, imports: Set<string>): Code {
  imports.add("graph");
  const nothing = ({ name }: Value): Code => text(name);
  return call("graph", [text(stringLiteral(graph.name)), bodyCode(graph, createNames(["g"]), nothing)]);
}

/**
 * The function that builds a graph. A nested one names its values in the same scope, because it may use those `around` it.
 */
function bodyCode({ inputs, nodes, outputs, constants }: Graph, names: Names, around: (value: Value) => Code): Code {
  const variables = new Map<string, string>();
  const define = ({ name }: Value): string => {
    const variable = names.claim(lowered(name), { prefix: "value", suffix: "Value" });
    variables.set(name, variable);
    return variable;
  };
  const statements: Statement[] = [];
  const codeOf = (value: Value): Code => {
    const variable = variables.get(value.name);
    if (variable !== undefined) return text(variable);
    const constant = constants.get(value.name);
    return constant ? constantCode(constant.data) : around(value);
  };
  for (const value of inputs) {
    const shape = list(value.shape.map((dim) => text(dimText(dim))));
    const code = call("g.input", [text(stringLiteral(value.name)), text(stringLiteral(value.dtype)), shape]);
    statements.push({ head: `const ${define(value)} = `, code });
  }
  // A large constant is not found again by its elements where it is used twice.
  for (const { value, data } of constants.values()) {
    if (data.data.length <= smallConstant) continue;
    const code = constantCode(data);
    statements.push({ head: `const ${define(value)} = `, code });
  }
  for (const node of nodes) {
    const code = nodeCode(node, codeOf, names);
    const made = node.outputs.map(define);
    statements.push({ head: `const ${made.length === 1 ? made[0] : `[${made.join(", ")}]`} = `, code });
  }
  for (const { name, value } of outputs) {
    statements.push({ head: "", code: call("g.output", [text(stringLiteral(name)), codeOf(value)]) });
  }
  return lambda("g", statements);
}

/** Nodes are named after their operators: `Add` becomes `add`. */
const lowered = (name: string): string => `${name.charAt(0).toLowerCase()}${name.slice(1)}`;

const dimText = (dim: number | string): string => (typeof dim === "number" ? numberLiteral(dim) : stringLiteral(dim));

/** `g.op("Conv", [x, w], { group: 2 })`, or `g.ops(…)` of several outputs. */
function nodeCode({ op, inputs, outputs, attributes }: GraphNode, codeOf: (value: Value) => Code, names: Names): Code {
  const operands = list(inputs.map((value) => (value ? codeOf(value) : text("undefined"))));
  const given = Object.entries(attributes).flatMap(([name, value]) => {
    return value === undefined ? [] : [[name, attributeCode(value, codeOf, names)] as const];
  });
  const record = object(Object.fromEntries(given));
  const name = text(stringLiteral(op));
  if (outputs.length === 1) return call("g.op", [name, operands, ...(given.length === 0 ? [] : [record])]);
  return call("g.ops", [name, operands, record, text(String(outputs.length))]);
}

function attributeCode(value: Attribute, codeOf: (value: Value) => Code, names: Names): Code {
  if (isGraph(value)) return call("g.subgraph", [text(stringLiteral(value.name)), bodyCode(value, names, codeOf)]);
  if (isConstantData(value)) return dataCode(value);
  if (typeof value === "object") return list(value.map(plainCode));
  return plainCode(value);
}

function plainCode(value: number | string): Code {
  return text(typeof value === "number" ? numberLiteral(value) : stringLiteral(value));
}

/** The shortest call that makes a constant. */
function constantCode(constant: ConstantData): Code {
  const { dtype, shape, data } = constant;
  const [first] = data;
  const usual = dtype === "float32" ? data instanceof Float32Array : Array.isArray(data);
  if (usual && shape.length === 0 && first !== undefined) {
    const type = dtype === "float32" ? [] : [text(stringLiteral(dtype))];
    return call("g.scalar", [plainCode(first), ...type]);
  }
  if (usual && dtype === "int64" && shape.length === 1) return call("g.ints", [numbersCode(data)]);
  return call("g.constant", [dataCode(constant)]);
}
