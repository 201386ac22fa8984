import { CompileError, type ErrorCode, type SourceRef } from "../errors.js";
import { operators } from "./operators/index.js";
import type { AttributeRow, Contents, Inference, Operator, ValueType } from "./operators/operator.js";
import type { Attribute, Attributes, ConstantData, DataType, Value } from "./types.js";

/** A node whose outputs are not known yet. */
export interface NodeDraft {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes;
  readonly outputs: number;
  readonly at?: SourceRef;
}

/** What is known of values before a graph runs, by value name. */
export interface Facts {
  readonly constants: Map<string, ConstantData>;
  readonly contents: Map<string, Contents>;
}

export interface Inferred {
  readonly types: readonly ValueType[];
  /** Of output 0. */
  readonly contents: Contents | undefined;
}

export function newFacts(): Facts {
  return { constants: new Map(), contents: new Map() };
}

/** The elements of a constant int64 vector or scalar: a shape, axes or indices. */
export function constantContents(data: ConstantData): Contents | undefined {
  return data.dtype === "int64" && data.shape.length <= 1 ? Array.from(data.data) : undefined;
}

interface Fault {
  readonly code: ErrorCode;
  readonly node: { readonly op: string; readonly name: string; readonly at?: SourceRef };
  readonly message: string;
  readonly hint?: string | undefined;
}

/** A CompileError that names the operator, the node and the layer it came from. */
export function nodeError({ code, node, message, hint }: Fault): CompileError {
  return new CompileError({
    code,
    message: `${node.op} "${node.name}": ${message}`,
    ...(node.at && { at: node.at }),
    ...(hint !== undefined && { hint }),
  });
}

export function operatorOf(node: Pick<NodeDraft, "op" | "name" | "at">): Operator {
  const row: Operator | undefined = Object.hasOwn(operators, node.op) ? operators[node.op] : undefined;
  if (row) return row;
  throw nodeError({ code: "GRAPH_OPERATOR_UNKNOWN", node, message: `"${node.op}" is not in the operator table` });
}

/** The attributes of a node with the defaults of its row filled in. */
export function filledAttributes(row: Operator, attributes: Attributes): Attributes {
  const filled: Record<string, Attribute> = {};
  for (const [name, { default: value }] of Object.entries(row.attributes)) {
    if (value !== undefined) filled[name] = value;
  }
  return { ...filled, ...attributes };
}

/** Checks a node against its operator's row and infers the types of its outputs. */
export function inferNode(node: NodeDraft, facts: Facts): Inferred {
  const row = operatorOf(node);
  const n = inferenceOf(node, row, facts);
  checkArity(n, row);
  for (const name of Object.keys(node.attributes)) checkAttribute(n, name, row.attributes[name], node.attributes[name]);
  for (const [name, { required }] of Object.entries(row.attributes)) {
    if (required && node.attributes[name] === undefined) n.fail(`attribute "${name}" is missing`);
  }
  const types = row.infer(n);
  if (types.length < n.outputs) n.fail(`has ${n.outputs} outputs; expected at most ${types.length}`);
  return { types: types.slice(0, n.outputs), contents: row.contents?.(n) };
}

function inferenceOf(node: NodeDraft, row: Operator, facts: Facts): Inference {
  const named = (index: number) => node.inputs[index]?.name ?? "";
  return {
    inputs: node.inputs,
    attributes: filledAttributes(row, node.attributes),
    outputs: node.outputs,
    contents: (index) => facts.contents.get(named(index)),
    constant: (index) => facts.constants.get(named(index)),
    fail: (message, hint) => {
      throw nodeError({ code: "GRAPH_NODE_INVALID", node, message, hint });
    },
  };
}

function checkArity(n: Inference, row: Operator): void {
  const [fewest, most] = row.inputs;
  const given = n.inputs.length;
  if (given < fewest || given > most) n.fail(`has ${given} inputs; expected ${range(fewest, most)}`);
  for (let index = 0; index < fewest; index++) {
    if (!n.inputs[index]) n.fail(`input ${index} is left out, and it is required`);
  }
  const [fewestOut, mostOut] = row.outputs ?? [1, 1];
  if (n.outputs < fewestOut || n.outputs > mostOut) {
    n.fail(`has ${n.outputs} outputs; expected ${range(fewestOut, mostOut)}`);
  }
}

function range(fewest: number, most: number): string {
  if (fewest === most) return `${fewest}`;
  return most === Number.POSITIVE_INFINITY ? `at least ${fewest}` : `${fewest} to ${most}`;
}

const dataTypes: readonly DataType[] = ["float32", "int32", "int64", "bool"];

function checkAttribute(n: Inference, name: string, row: AttributeRow | undefined, value: Attribute | undefined): void {
  if (!row) n.fail(`attribute "${name}" is unknown`);
  const fits = {
    int: Number.isSafeInteger(value),
    float: typeof value === "number",
    fill: typeof value === "number",
    ints: Array.isArray(value) && value.every((item) => Number.isSafeInteger(item)),
    string: typeof value === "string",
    type: dataTypes.some((dtype) => dtype === value),
  }[row.kind];
  if (!fits) n.fail(`attribute "${name}" is ${JSON.stringify(value)}; expected ${expected[row.kind]}`);
}

const expected = {
  int: "an integer",
  float: "a number",
  fill: "a number",
  ints: "a list of integers",
  string: "a string",
  type: `one of ${dataTypes.join(", ")}`,
} as const;
