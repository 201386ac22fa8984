import onnxProto, { type onnx as Onnx } from "onnx-proto";
import { CompileError } from "../errors.js";
import { operatorOf } from "./infer.js";
import type { AttributeKind } from "./operators/operator.js";
import type { Attribute, ConstantData, DataType, Graph, GraphNode, Value } from "./types.js";

const { onnx } = onnxProto;

export interface OnnxOptions {
  /** Version of the standard operator set. Default 20. */
  readonly opset?: number;
  /** Version of the file format. Default 9. */
  readonly irVersion?: number;
  /** Graph inputs that are written as stored tensors instead, by name: the weights of an inference model. */
  readonly initializers?: ReadonlyMap<string, ConstantData>;
}

/** TensorProto.DataType numbers (onnx.proto). */
const dataTypes = { float32: 1, int32: 6, int64: 7, bool: 9 } as const satisfies Record<DataType, number>;
/** AttributeProto.AttributeType numbers (onnx.proto). */
const attributeTypes = { float: 1, int: 2, string: 3, fill: 4, type: 2, ints: 7 } as const satisfies Record<
  AttributeKind,
  number
>;

/** Serializes a graph as an ONNX model. The batch is the symbolic length "N". The same graph gives the same bytes. */
export function toOnnx(graph: Graph, options: OnnxOptions = {}): Uint8Array {
  const { opset = 20, irVersion = 9, initializers = new Map() } = options;
  const { names, copies } = outputNames(graph);
  const named = (value: Value) => names.get(value.name) ?? value.name;
  const stored = [...graph.constants].map(([name, { data }]) => tensorProto(names.get(name) ?? name, data));
  for (const input of graph.inputs) {
    const data = initializers.get(input.name);
    if (data) stored.push(tensorProto(input.name, checkedInitializer(input, data)));
  }
  const domains = new Set(graph.nodes.map((node) => operatorOf(node).domain ?? ""));
  const model: Onnx.IModelProto = {
    irVersion,
    producerName: "paramserv",
    opsetImport: [
      { domain: "", version: opset },
      ...[...domains]
        .filter((domain) => domain !== "")
        .sort()
        .map((domain) => ({ domain, version: 1 })),
    ],
    graph: {
      name: graph.name,
      node: [
        ...graph.nodes.map((node) => nodeProto(node, named)),
        ...copies.map(({ name, value }) => ({
          opType: "Identity",
          name: `output/${name}`,
          input: [named(value)],
          output: [name],
        })),
      ],
      initializer: stored,
      input: graph.inputs.filter(({ name }) => !initializers.has(name)).map((value) => valueInfo(value.name, value)),
      output: graph.outputs.map(({ name, value }) => valueInfo(name, value)),
    },
  };
  return new Uint8Array(onnx.ModelProto.encode(model).finish());
}

interface Naming {
  /** New names of values whose own name changes. */
  readonly names: ReadonlyMap<string, string>;
  /** Outputs that need a copy: inputs, constants and values put out twice. */
  readonly copies: Graph["outputs"];
}

/** In ONNX an output has the name of its value, so values are renamed; what already has such a name makes room. */
function outputNames(graph: Graph): Naming {
  const made = new Set(graph.nodes.flatMap(({ outputs }) => outputs.map(({ name }) => name)));
  const names = new Map<string, string>();
  const copies = graph.outputs.filter(({ name, value }) => {
    if (!made.has(value.name) || names.has(value.name)) return true;
    names.set(value.name, name);
    return false;
  });
  const wanted = new Set(graph.outputs.map(({ name }) => name));
  const clash = graph.inputs.find(({ name }) => wanted.has(name));
  if (clash) {
    const message = `the graph "${graph.name}" has an input and an output named "${clash.name}"`;
    throw new CompileError({ code: "GRAPH_NAME_DUPLICATE", message });
  }
  const taken = new Set([...wanted, ...made, ...graph.constants.keys(), ...graph.inputs.map(({ name }) => name)]);
  for (const name of [...made, ...graph.constants.keys()]) {
    if (!wanted.has(name) || names.has(name)) continue;
    let free = `${name}_inner`;
    while (taken.has(free)) free += "_";
    taken.add(free);
    names.set(name, free);
  }
  return { names, copies };
}

function nodeProto(node: GraphNode, named: (value: Value) => string): Onnx.INodeProto {
  const { attributes, domain, type } = operatorOf(node);
  const written = Object.entries(node.attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    opType: type ?? node.op,
    name: node.name,
    ...(domain !== undefined && { domain }),
    input: node.inputs.map((value) => (value ? named(value) : "")),
    output: node.outputs.map(named),
    attribute: written.map(([name, value]) => attributeProto(name, attributes[name]?.kind ?? "float", value)),
  };
}

function attributeProto(name: string, kind: AttributeKind, value: Attribute): Onnx.IAttributeProto {
  const type = attributeTypes[kind];
  if (kind === "fill" && typeof value === "number") {
    return { name, type, t: tensorProto("", { dtype: "float32", shape: [1], data: [value] }) };
  }
  if (kind === "type") return { name, type, i: dataTypes[dataTypeOf(value)] };
  if (typeof value === "string") return { name, type, s: new TextEncoder().encode(value) };
  if (typeof value === "number") return kind === "int" ? { name, type, i: value } : { name, type, f: value };
  return { name, type, ints: [...value] };
}

function dataTypeOf(value: Attribute): DataType {
  return value === "int32" || value === "int64" || value === "bool" ? value : "float32";
}

function valueInfo(name: string, { dtype, shape }: Value): Onnx.IValueInfoProto {
  const dim = shape.map((length) => (typeof length === "number" ? { dimValue: length } : { dimParam: length }));
  return { name, type: { tensorType: { elemType: dataTypes[dtype], shape: { dim } } } };
}

function tensorProto(name: string, data: ConstantData): Onnx.ITensorProto {
  return { name, dataType: dataTypes[data.dtype], dims: [...data.shape], rawData: littleEndian(data) };
}

/** Elements as TensorProto.raw_data has them: little-endian, whatever the machine. */
function littleEndian({ dtype, data }: ConstantData): Uint8Array {
  const width = { float32: 4, int32: 4, int64: 8, bool: 1 }[dtype];
  const bytes = new Uint8Array(data.length * width);
  const view = new DataView(bytes.buffer);
  const write = {
    float32: (at: number, item: number) => view.setFloat32(at, item, true),
    int32: (at: number, item: number) => view.setInt32(at, item, true),
    int64: (at: number, item: number) => view.setBigInt64(at, BigInt(item), true),
    bool: (at: number, item: number) => view.setUint8(at, item === 0 ? 0 : 1),
  }[dtype];
  for (const [index, item] of data.entries()) write(index * width, item);
  return bytes;
}

function checkedInitializer({ name, dtype, shape }: Value, data: ConstantData): ConstantData {
  if (data.dtype === dtype && data.shape.join() === shape.join()) return data;
  const found = `${data.dtype} [${data.shape.join(",")}]`;
  const message = `the stored tensor "${name}" is ${found}; expected ${dtype} [${shape.join(",")}]`;
  throw new CompileError({ code: "GRAPH_NODE_INVALID", message });
}
