import onnxProto, { type onnx as Onnx } from "onnx-proto";
import { CompileError } from "../errors.js";
import { isConstantData, isGraph } from "./constants.js";
import { operatorOf } from "./infer.js";
import { claimNames, Names } from "./names.js";
import { dataTypes, tensorProto } from "./onnx-tensor.js";
import type { AttributeKind } from "./operators/operator.js";
import type { Attribute, ConstantData, Graph, GraphNode, GraphOutput, Value } from "./types.js";

const { onnx } = onnxProto;

export interface OnnxOptions {
  /** Version of the standard operator set. Default 20. */
  readonly opset?: number;
  /** Version of the file format. Default 9. */
  readonly irVersion?: number;
  /** Graph inputs that are written as stored tensors instead, by name: the weights of an inference model. */
  readonly initializers?: ReadonlyMap<string, ConstantData>;
  /** Texts about the model, by key (onnx.proto, ModelProto.metadata_props). Default none. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Version of this package (onnx.proto, ModelProto.producer_version). Default: left out, so that bytes outlive versions. */
  readonly producerVersion?: string;
}

/** AttributeProto.AttributeType numbers (onnx.proto). */
const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  type: 2,
  floats: 6,
  ints: 7,
  strings: 8,
} as const satisfies Record<AttributeKind, number>;

/** Serializes a graph as an ONNX model. Named lengths stay symbolic. The same graph gives the same bytes. */
export function toOnnx(graph: Graph, options: OnnxOptions = {}): Uint8Array {
  return new Uint8Array(onnx.ModelProto.encode(modelProto(graph, options)).finish());
}

/** A graph as an ONNX model, before it is encoded. */
export function modelProto(graph: Graph, options: OnnxOptions = {}): Onnx.IModelProto {
  const { opset = 20, irVersion = 9, initializers = new Map(), metadata = {}, producerVersion } = options;
  const custom = [...customDomains(graph)].sort().map((domain) => ({ domain, version: 1 }));
  return {
    irVersion,
    producerName: "paramserv",
    ...(producerVersion !== undefined && { producerVersion }),
    opsetImport: [{ domain: "", version: opset }, ...custom],
    graph: new Writer(graph, initializers).graph(),
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  };
}

function customDomains(graph: Graph): ReadonlySet<string> {
  const found = new Set<string>();
  for (const node of graph.nodes) {
    const { domain } = operatorOf(node);
    if (domain !== undefined) found.add(domain);
    for (const attribute of Object.values(node.attributes)) {
      if (isGraph(attribute)) for (const inner of customDomains(attribute)) found.add(inner);
    }
  }
  return found;
}

/** Writes a graph and those nested in it. In ONNX an output has the name of its value, so values are renamed. */
class Writer {
  readonly #graph: Graph;
  readonly #initializers: ReadonlyMap<string, ConstantData>;
  readonly #around: Writer | undefined;
  /** All names of the model. */
  readonly #taken: Names;
  readonly #renamed = new Map<string, string>();

  constructor(graph: Graph, initializers: ReadonlyMap<string, ConstantData>, around?: Writer) {
    this.#graph = graph;
    this.#initializers = initializers;
    this.#around = around;
    this.#taken = (around ? around.#taken : undefined) ?? new Names();
    if (!around) {
      claimNames(this.#taken, graph);
      for (const { name } of graph.outputs) this.#taken.claim(name);
    }
  }

  graph(): Onnx.IGraphProto {
    const { name, inputs, outputs, nodes, constants } = this.#graph;
    const copies = this.#around ? [] : this.#nameOutputs();
    const results = this.#around ? outputs.map((output) => this.#nestedOutput(output)) : [];
    const stored = [...constants.values()].map(({ value, data }) => tensorProto(this.#name(value), data));
    for (const input of inputs) {
      const data = this.#initializers.get(input.name);
      if (data) stored.push(tensorProto(input.name, checkedInitializer(input, data)));
    }
    return {
      name,
      node: [
        ...nodes.map((node) => this.#node(node)),
        ...copies.map((copy) => identity(`output/${copy.name}`, this.#name(copy.value), copy.name)),
        ...results.flatMap(({ copied, name: to }) => (copied === undefined ? [] : [identity(to, copied, to)])),
      ],
      initializer: stored,
      input: inputs.filter((value) => !this.#initializers.has(value.name)).map((value) => valueInfo(value.name, value)),
      output: this.#around
        ? outputs.map(({ value }, index) => valueInfo(results[index]?.name ?? "", value))
        : outputs.map((output) => valueInfo(output.name, output.value)),
    };
  }

  /** Gives values the names of the outputs they are; what has such a name makes room. Returns outputs that need a copy. */
  #nameOutputs(): readonly GraphOutput[] {
    const { name: title, inputs, outputs, nodes, constants } = this.#graph;
    const wanted = new Set(outputs.map(({ name }) => name));
    const clash = inputs.find(({ name }) => wanted.has(name));
    if (clash) {
      const message = `the graph "${title}" has an input and an output named "${clash.name}"`;
      throw new CompileError({ code: "GRAPH_NAME_DUPLICATE", message });
    }
    const made = new Set(nodes.flatMap((node) => node.outputs.map(({ name }) => name)));
    const copies = outputs.filter(({ name, value }) => {
      if (!made.has(value.name) || this.#renamed.has(value.name)) return true;
      this.#renamed.set(value.name, name);
      return false;
    });
    for (const name of [...made, ...constants.keys()]) {
      if (wanted.has(name) && !this.#renamed.has(name)) this.#renamed.set(name, this.#taken.fresh(`${name}_inner`));
    }
    return copies;
  }

  /** Outputs of a nested graph are told by place: one keeps its value's name, or is a copy where that is not made here. */
  #nestedOutput({ name, value }: GraphOutput): { readonly name: string; readonly copied?: string } {
    const made = this.#graph.nodes.some((node) => node.outputs.some((output) => output.name === value.name));
    const first = this.#graph.outputs.find((output) => output.value.name === value.name)?.name === name;
    if (made && first) return { name: this.#name(value) };
    return { name: this.#taken.fresh(`${this.#graph.name}/${name}`), copied: this.#name(value) };
  }

  #name(value: Value): string {
    return this.#renamed.get(value.name) ?? (this.#around ? this.#around.#name(value) : undefined) ?? value.name;
  }

  #node(node: GraphNode): Onnx.INodeProto {
    const { signature, domain } = operatorOf(node);
    const written = Object.entries(node.attributes).sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      opType: node.op,
      name: node.name,
      ...(domain !== undefined && { domain }),
      input: node.inputs.map((value) => (value ? this.#name(value) : "")),
      output: node.outputs.map((value) => this.#name(value)),
      attribute: written.flatMap(([name, value]) => {
        const kind = signature.attributes[name]?.kind;
        return kind === undefined || value === undefined ? [] : [this.#attribute(name, kind, value)];
      }),
    };
  }

  #attribute(name: string, kind: AttributeKind, value: Attribute): Onnx.IAttributeProto {
    const type = attributeTypes[kind];
    if (isGraph(value)) return { name, type, g: new Writer(value, new Map(), this).graph() };
    if (isConstantData(value)) return { name, type, t: tensorProto("", value) };
    if (kind === "type") return { name, type, i: dataTypes[value as keyof typeof dataTypes] };
    if (typeof value === "string") return { name, type, s: bytesOf(value) };
    if (typeof value === "number") return kind === "int" ? { name, type, i: value } : { name, type, f: value };
    if (kind === "strings") return { name, type, strings: value.map((item) => bytesOf(String(item))) };
    const numbers = value.map(Number);
    return kind === "floats" ? { name, type, floats: numbers } : { name, type, ints: numbers };
  }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function identity(name: string, from: string, to: string): Onnx.INodeProto {
  return { opType: "Identity", name, input: [from], output: [to] };
}

function valueInfo(name: string, { dtype, shape }: Value): Onnx.IValueInfoProto {
  const dim = shape.map((length) => (typeof length === "number" ? { dimValue: length } : { dimParam: length }));
  return { name, type: { tensorType: { elemType: dataTypes[dtype], shape: { dim } } } };
}

function checkedInitializer({ name, dtype, shape }: Value, data: ConstantData): ConstantData {
  if (data.dtype === dtype && data.shape.join() === shape.join()) return data;
  const found = `${data.dtype} [${data.shape.join(",")}]`;
  const message = `the stored tensor "${name}" is ${found}; expected ${dtype} [${shape.join(",")}]`;
  throw new CompileError({ code: "GRAPH_NODE_INVALID", message });
}
