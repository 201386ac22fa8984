import { CompileError, type SourceRef } from "../errors.js";
import { sizeOf } from "../shape.js";
import { constantKey, smallConstant } from "./constants.js";
import { constantContents, type Facts, inferNode, newFacts, nodeError } from "./infer.js";
import type { Attributes, ConstantData, DataType, Dim, Graph, GraphBuilder, GraphNode, Value } from "./types.js";

interface Scope {
  readonly name: string;
  readonly at: SourceRef | undefined;
}

class Builder implements GraphBuilder {
  readonly #name: string;
  readonly #inputs: Value[] = [];
  readonly #outputs: { readonly name: string; readonly value: Value }[] = [];
  readonly #constants = new Map<string, { readonly value: Value; readonly data: ConstantData }>();
  readonly #shared = new Map<string, Value>();
  readonly #nodes: GraphNode[] = [];
  readonly #producers = new Map<string, GraphNode>();
  readonly #values = new Map<string, Value>();
  readonly #counts = new Map<string, number>();
  readonly #facts: Facts = newFacts();
  #scope: Scope = { name: "", at: undefined };

  constructor(name: string, from?: Graph) {
    this.#name = name;
    if (from) this.#load(from);
  }

  get nodes(): readonly GraphNode[] {
    return this.#nodes;
  }

  input(name: string, dtype: DataType, shape: readonly Dim[]): Value {
    if (this.#values.has(name)) throw duplicate(`the graph "${this.#name}" has two values named "${name}"`);
    const value = this.#declare(name, dtype, shape);
    this.#inputs.push(value);
    return value;
  }

  op(op: string, inputs: readonly (Value | undefined)[], attributes: Attributes = {}): Value {
    const [value] = this.ops(op, inputs, attributes, 1);
    if (!value) throw nodeError({ code: "INTERNAL", node: { op, name: op }, message: "no output was made" });
    return value;
  }

  ops(op: string, inputs: readonly (Value | undefined)[], attributes: Attributes, count: number): readonly Value[] {
    const name = this.#freshName(this.#scope.name === "" ? op : `${this.#scope.name}/${op}`);
    const at = this.#scope.at;
    const draft = { op, name, inputs, attributes, outputs: count, ...(at && { at }) };
    for (const value of inputs) {
      if (value && this.#values.get(value.name) !== value) {
        throw nodeError({ code: "GRAPH_NODE_INVALID", node: draft, message: `"${value.name}" is of another graph` });
      }
    }
    const { types, contents } = inferNode(draft, this.#facts);
    const outputs = types.map(({ dtype, shape }, index) =>
      this.#declare(index === 0 ? name : `${name}:${index}`, dtype, shape),
    );
    if (contents) this.#facts.contents.set(name, contents);
    const { outputs: _, ...parts } = draft;
    this.#append(Object.freeze({ ...parts, inputs: Object.freeze([...inputs]), outputs: Object.freeze(outputs) }));
    return outputs;
  }

  constant(data: ConstantData): Value {
    const size = sizeOf(data.shape);
    if (data.data.length !== size) {
      const message = `a constant of shape [${data.shape.join(",")}] has ${data.data.length} elements; expected ${size}`;
      throw new CompileError({ code: "GRAPH_NODE_INVALID", message });
    }
    const key = size <= smallConstant ? constantKey(data) : undefined;
    const known = key === undefined ? undefined : this.#shared.get(key);
    if (known) return known;
    const value = this.#declare(this.#freshName("constant"), data.dtype, data.shape);
    this.#addConstant(value, data);
    return value;
  }

  scalar(value: number): Value {
    return this.constant({ dtype: "float32", shape: [], data: new Float32Array([value]) });
  }

  ints(values: readonly number[]): Value {
    return this.constant({ dtype: "int64", shape: [values.length], data: values });
  }

  output(name: string, value: Value): void {
    if (this.#outputs.some((output) => output.name === name)) {
      throw duplicate(`the graph "${this.#name}" has two outputs named "${name}"`);
    }
    if (this.#values.get(value.name) !== value) {
      const message = `output "${name}": "${value.name}" is not a value of the graph "${this.#name}"`;
      throw new CompileError({ code: "GRAPH_NODE_INVALID", message });
    }
    this.#outputs.push(Object.freeze({ name, value }));
  }

  within<T>(scope: string, at: SourceRef | undefined, body: () => T): T {
    const outer = this.#scope;
    this.#scope = { name: outer.name === "" ? scope : `${outer.name}/${scope}`, at: at ?? outer.at };
    try {
      return body();
    } finally {
      this.#scope = outer;
    }
  }

  producer(value: Value): GraphNode | undefined {
    return this.#producers.get(value.name);
  }

  constantOf(value: Value): ConstantData | undefined {
    return this.#facts.constants.get(value.name);
  }

  build(): Graph {
    return Object.freeze({
      name: this.#name,
      inputs: Object.freeze([...this.#inputs]),
      outputs: Object.freeze([...this.#outputs]),
      constants: new Map(this.#constants),
      nodes: Object.freeze([...this.#nodes]),
    });
  }

  #declare(name: string, dtype: DataType, shape: readonly Dim[]): Value {
    const value: Value = Object.freeze({ name, dtype, shape: Object.freeze([...shape]) });
    this.#values.set(name, value);
    return value;
  }

  #addConstant(value: Value, data: ConstantData): void {
    this.#constants.set(value.name, Object.freeze({ value, data }));
    if (data.data.length <= smallConstant) this.#shared.set(constantKey(data), value);
    this.#facts.constants.set(value.name, data);
    const contents = constantContents(data);
    if (contents) this.#facts.contents.set(value.name, contents);
  }

  #append(node: GraphNode): void {
    this.#nodes.push(node);
    for (const output of node.outputs) this.#producers.set(output.name, node);
  }

  /** `base`, or `base_2`, `base_3`, … where it is taken. */
  #freshName(base: string): string {
    let count = this.#counts.get(base) ?? 0;
    let name: string;
    do {
      count += 1;
      name = count === 1 ? base : `${base}_${count}`;
    } while (this.#values.has(name));
    this.#counts.set(base, count);
    return name;
  }

  #load(graph: Graph): void {
    const keep = (value: Value) => this.#values.set(value.name, value);
    for (const value of graph.inputs) {
      keep(value);
      this.#inputs.push(value);
    }
    for (const { value, data } of graph.constants.values()) {
      keep(value);
      this.#addConstant(value, data);
    }
    for (const node of graph.nodes) {
      node.outputs.forEach(keep);
      const { contents } = inferNode({ ...node, outputs: node.outputs.length }, this.#facts);
      const [first] = node.outputs;
      if (contents && first) this.#facts.contents.set(first.name, contents);
      this.#append(node);
    }
    this.#outputs.push(...graph.outputs);
  }
}

function duplicate(message: string): CompileError {
  return new CompileError({ code: "GRAPH_NAME_DUPLICATE", message });
}

/** Starts an empty graph. */
export function graphBuilder(name: string): GraphBuilder {
  return new Builder(name);
}

/** Starts from a finished graph: its values keep their names and can be used and asked for. */
export function extendGraph(graph: Graph, name: string = graph.name): GraphBuilder {
  return new Builder(name, graph);
}
