import { CompileError, type ErrorCode, type SourceRef } from "../errors.js";
import { isConstantData, isGraph } from "./constants.js";
import type { Facts } from "./facts.js";
import { operators } from "./operators/index.js";
import type { AttributeKind, AttributeRow, Inference, Inputs, Operator } from "./operators/operator.js";
import { acceptedTypes, type ParsedInput, parsedSignature } from "./operators/signature.js";
import type { Attribute, Attributes, Contents, Value, ValueType } from "./types.js";

/** A node whose outputs are not known yet. */
export interface PendingNode {
  readonly op: string;
  readonly name: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes;
  readonly outputs: number;
  readonly at?: SourceRef;
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

/** The row of an operator that is known by its name only; undefined where the table has none. */
export function findOperator(op: string): Operator | undefined {
  const table: Readonly<Record<string, Operator>> = operators;
  return Object.hasOwn(table, op) ? table[op] : undefined;
}

export function operatorOf(node: Pick<PendingNode, "op" | "name" | "at">): Operator {
  const row = findOperator(node.op);
  if (row) return row;
  throw nodeError({ code: "GRAPH_OPERATOR_UNKNOWN", node, message: `"${node.op}" is not in the operator table` });
}

/** The attributes of a node with the defaults of its row filled in. */
export function filledAttributes({ signature }: Operator, attributes: Attributes): Attributes {
  const filled: Record<string, Attribute | undefined> = {};
  for (const [name, row] of Object.entries(signature.attributes)) filled[name] = attributes[name] ?? row.default;
  return filled;
}

/** The inputs of a node by the names of its operator's signature. */
export function namedInputs(
  { signature }: Operator,
  inputs: readonly (Value | undefined)[],
): Inputs<Operator["signature"]> {
  const named: Record<string, Value | undefined | readonly (Value | undefined)[]> = {};
  for (const [index, { name, variadic }] of parsedSignature(signature).inputs.entries()) {
    named[name] = variadic ? inputs.slice(index) : inputs[index];
  }
  // What arity was checked for is there.
  return named as Inputs<Operator["signature"]>;
}

/** Checks a node against its operator's row and infers the types of its outputs. */
export function inferNode(node: PendingNode, facts: Facts): readonly ValueType[] {
  const row = operatorOf(node);
  const n = inferenceOf(node, row, facts);
  checkInputs(node, row, n);
  checkOutputs(node, row, n);
  checkAttributes(node, row, n);
  const inferred = row.infer(namedInputs(row, node.inputs), n);
  const types: readonly ValueType[] = "dtype" in inferred ? [inferred] : inferred;
  if (types.length < n.outputs) n.fail(`has ${n.outputs} outputs; expected at most ${types.length}`);
  return types.slice(0, n.outputs).map(({ dtype, shape }) => ({ dtype, shape }));
}

/** What is known of the elements of the first output: of integers and flags of rank 0 or 1 only. */
export function inferContents(node: PendingNode, first: ValueType | undefined, facts: Facts): Contents | undefined {
  if (!first || first.dtype === "float32" || first.shape.length > 1) return undefined;
  const row = operatorOf(node);
  return row.contents?.(namedInputs(row, node.inputs), inferenceOf(node, row, facts));
}

function inferenceOf(node: PendingNode, row: Operator, facts: Facts): Inference {
  return {
    attributes: filledAttributes(row, node.attributes) as Inference["attributes"],
    outputs: node.outputs,
    contents: (value) => facts.contents(value),
    constant: (value) => facts.constant(value),
    fail: (message, hint) => {
      throw nodeError({ code: "GRAPH_NODE_INVALID", node, message, hint });
    },
  };
}

function checkInputs({ inputs }: PendingNode, { signature }: Operator, n: Inference): void {
  const { inputs: rows, fewest, most } = parsedSignature(signature);
  if (inputs.length < fewest || inputs.length > most) {
    n.fail(`has ${inputs.length} inputs; expected ${range(fewest, most)}`);
  }
  for (const [index, value] of inputs.entries()) {
    const row: ParsedInput | undefined = rows[Math.min(index, rows.length - 1)];
    if (!row) continue;
    if (!value) {
      if (!row.optional) n.fail(`input ${index} ("${row.name}") is left out, and it is required`);
      continue;
    }
    const types = acceptedTypes[row.accepts];
    if (!types.includes(value.dtype)) n.fail(`"${value.name}" is ${value.dtype}; expected ${types.join(", ")}`);
  }
}

function checkOutputs({ outputs }: PendingNode, { signature }: Operator, n: Inference): void {
  const { fewestOutputs, mostOutputs } = parsedSignature(signature);
  if (outputs >= fewestOutputs && outputs <= mostOutputs) return;
  n.fail(`has ${outputs} outputs; expected ${range(fewestOutputs, mostOutputs)}`);
}

function range(fewest: number, most: number): string {
  if (fewest === most) return `${fewest}`;
  return most === Number.POSITIVE_INFINITY ? `at least ${fewest}` : `${fewest} to ${most}`;
}

function checkAttributes({ attributes }: PendingNode, { signature }: Operator, n: Inference): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) checkAttribute(n, name, signature.attributes[name], value);
  }
  for (const [name, { required }] of Object.entries(signature.attributes)) {
    if (required && attributes[name] === undefined) n.fail(`attribute "${name}" is missing`);
  }
}

const dataTypes: readonly string[] = ["float32", "int32", "int64", "bool"];

interface KindRow {
  readonly expected: string;
  fits(value: Attribute): boolean;
}

const isList = (value: Attribute): value is readonly number[] | readonly string[] => Array.isArray(value);

/** What each kind of attribute may be. */
export const attributeKinds: Readonly<Record<AttributeKind, KindRow>> = {
  int: { expected: "an integer", fits: (value) => Number.isSafeInteger(value) },
  float: { expected: "a number", fits: (value) => typeof value === "number" },
  ints: { expected: "a list of integers", fits: (value) => isList(value) && value.every(Number.isSafeInteger) },
  floats: {
    expected: "a list of numbers",
    fits: (value) => isList(value) && value.every((x) => typeof x === "number"),
  },
  string: { expected: "a string", fits: (value) => typeof value === "string" },
  strings: {
    expected: "a list of strings",
    fits: (value) => isList(value) && value.every((x) => typeof x === "string"),
  },
  type: { expected: `one of ${dataTypes.join(", ")}`, fits: (value) => dataTypes.includes(String(value)) },
  tensor: { expected: "a constant { dtype, shape, data }", fits: isConstantData },
  graph: { expected: "a graph", fits: isGraph },
};

function checkAttribute(n: Inference, name: string, row: AttributeRow | undefined, value: Attribute): void {
  if (!row) n.fail(`attribute "${name}" is unknown`);
  const { expected, fits } = attributeKinds[row.kind];
  if (!fits(value)) n.fail(`attribute "${name}" is ${JSON.stringify(value)}; expected ${expected}`);
  if (row.choices && !row.choices.some((choice) => choice === value)) {
    n.fail(`attribute "${name}" is ${JSON.stringify(value)}; expected one of ${row.choices.join(", ")}`);
  }
}
