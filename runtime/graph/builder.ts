import { CompileError, internalError, type SourceRef } from "../errors.js";
import { sizeOf } from "../shape.js";
import { constantKey, smallConstant } from "./constants.js";
import { Facts } from "./facts.js";
import { inferContents, inferNode, nodeError, type PendingNode } from "./infer.js";
import { claimNames, Names } from "./names.js";
import type { GivenAttributes, InputTuple, OperatorName } from "./operators/typed.js";
import { withoutTrailing } from "./trailing.js";
import type {
  Attributes,
  Constant,
  ConstantData,
  Contents,
  DataType,
  Dim,
  Graph,
  GraphBuilder,
  GraphNode,
  GraphOutput,
  NodeDraft,
  Value,
  ValueType,
} from "./types.js";

interface Scope {
  readonly name: string;
  readonly at: SourceRef | undefined;
}

/** How deep graphs may be nested in each other: enough for any loop in loops, and no stack is used up. */
const deepest = 64;

/** Builds graphs; passes extend it to build the graph that takes another's place (`passes/rewrite.ts`). */
export class Builder implements GraphBuilder {
  readonly name: string;
  protected readonly names: Names;
  readonly #around: Builder | undefined;
  readonly #inputs: Value[] = [];
  readonly #outputs: GraphOutput[] = [];
  readonly #constants = new Map<string, Constant>();
  readonly #shared = new Map<string, Value>();
  readonly #nodes: GraphNode[] = [];
  readonly #producers = new Map<string, GraphNode>();
  readonly #values = new Map<string, Value>();
  protected readonly facts: Facts;
  readonly #depth: number;
  #scope: Scope;

  constructor(name: string, around?: Builder) {
    this.name = name;
    this.#around = around;
    this.#depth = around === undefined ? 0 : around.#depth + 1;
    this.names = around?.names ?? new Names();
    this.facts = new Facts(around?.facts);
    this.#scope = (around ? around.#scope : undefined) ?? { name: "", at: undefined };
  }

  get nodes(): readonly GraphNode[] {
    return this.#nodes;
  }

  input(name: string, dtype: DataType, shape: readonly Dim[]): Value {
    // Inputs of a nested graph may be called as the values around it are: they get names of their own.
    const own = this.#around ? this.names.fresh(name) : name;
    if (!this.#around && !this.names.claim(name)) {
      throw duplicate(`the graph "${this.name}" has two values named "${name}"`);
    }
    const value = this.#declare({ name: own, dtype, shape });
    this.#inputs.push(value);
    return value;
  }

  op<Op extends OperatorName>(op: Op, inputs: InputTuple<Op>, ...[attributes]: GivenAttributes<Op>): Value {
    const [value] = this.node({ op, inputs: listOf(inputs), attributes: attributesOf(attributes) });
    return value ?? noOutput(op);
  }

  ops<Op extends OperatorName>(
    op: Op,
    inputs: InputTuple<Op>,
    attributes: NonNullable<GivenAttributes<Op>[0]>,
    outputs: number,
  ): readonly Value[] {
    return this.node({ op, inputs: listOf(inputs), attributes: attributesOf(attributes), outputs });
  }

  node({ op, inputs, attributes = {}, outputs = 1 }: NodeDraft): readonly Value[] {
    const { name: scope, at } = this.#scope;
    const name = this.names.fresh(scope === "" ? op : `${scope}/${op}`);
    const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
    const draft: PendingNode = {
      op,
      name,
      inputs: withoutTrailing(inputs),
      attributes: Object.freeze(Object.fromEntries(given)),
      outputs,
      ...(at && { at }),
    };
    for (const value of draft.inputs) {
      if (value && !this.owns(value)) {
        throw nodeError({ code: "GRAPH_NODE_INVALID", node: draft, message: `"${value.name}" is of another graph` });
      }
    }
    const types = inferNode(draft, this.facts);
    const values = types.map((type, index) => {
      return this.#declare({ name: index === 0 ? name : this.names.fresh(`${name}:${index}`), ...type });
    });
    const { inputs: operands, ...rest } = draft;
    this.#append(
      Object.freeze({ ...rest, scope, inputs: Object.freeze(operands), outputs: Object.freeze([...values]) }),
    );
    return values;
  }

  constant(data: ConstantData): Value {
    const size = sizeOf(data.shape);
    if (data.data.length !== size) {
      const message = `a constant of shape [${data.shape.join(",")}] has ${data.data.length} elements; expected ${size}`;
      throw new CompileError({ code: "GRAPH_NODE_INVALID", message });
    }
    const known = size <= smallConstant ? this.#sharedConstant(constantKey(data)) : undefined;
    if (known) return known;
    const value = this.#declare({ name: this.names.fresh("constant"), dtype: data.dtype, shape: data.shape });
    this.#addConstant({ value, data });
    return value;
  }

  scalar(value: number, dtype: DataType = "float32"): Value {
    const data = dtype === "float32" ? new Float32Array([value]) : [value];
    return this.constant({ dtype, shape: [], data });
  }

  ints(values: readonly number[]): Value {
    return this.constant({ dtype: "int64", shape: [values.length], data: values });
  }

  output(name: string, value: Value): void {
    if (this.#outputs.some((output) => output.name === name)) {
      throw duplicate(`the graph "${this.name}" has two outputs named "${name}"`);
    }
    if (!this.owns(value)) {
      const message = `output "${name}": "${value.name}" is not a value of the graph "${this.name}"`;
      throw new CompileError({ code: "GRAPH_NODE_INVALID", message });
    }
    this.#outputs.push(Object.freeze({ name, value }));
  }

  within<T>(scope: string, at: SourceRef | undefined, body: () => T): T {
    const outer = this.#scope;
    return this.inScope({ name: outer.name === "" ? scope : `${outer.name}/${scope}`, at: at ?? outer.at }, body);
  }

  subgraph(name: string, body: (g: GraphBuilder) => void): Graph {
    if (this.#depth >= deepest) {
      const message = `the graph "${name}" is nested more than ${deepest} deep`;
      throw new CompileError({ code: "GRAPH_NODE_INVALID", message });
    }
    const inner = new Builder(name, this);
    body(inner);
    return inner.build();
  }

  producer(value: Value): GraphNode | undefined {
    return this.#producers.get(value.name) ?? this.#around?.producer(value);
  }

  constantOf(value: Value | undefined): ConstantData | undefined {
    return this.facts.constant(value);
  }

  contentsOf(value: Value | undefined): Contents | undefined {
    return this.facts.contents(value);
  }

  known(node: GraphNode): Contents | undefined {
    return inferContents({ ...node, outputs: node.outputs.length }, node.outputs[0], this.facts);
  }

  build(): Graph {
    return Object.freeze({
      kind: "graph",
      name: this.name,
      inputs: Object.freeze([...this.#inputs]),
      outputs: Object.freeze([...this.#outputs]),
      constants: new Map(this.#constants),
      nodes: Object.freeze([...this.#nodes]),
    });
  }

  /** Whether a value is of this graph or of one around it. */
  protected owns(value: Value): boolean {
    return this.#values.get(value.name) === value || (this.#around?.owns(value) ?? false);
  }

  protected inScope<T>(scope: Scope, body: () => T): T {
    const outer = this.#scope;
    this.#scope = scope;
    try {
      return body();
    } finally {
      this.#scope = outer;
    }
  }

  /** Takes over an input of another graph as it is. */
  protected adoptInput(value: Value): void {
    this.#keep(value);
    this.#inputs.push(value);
  }

  /** Takes over a constant of another graph; where `share` says so, one that is there already stands for a small one. */
  protected adoptConstant(constant: Constant, share: boolean): Value {
    const { value, data } = constant;
    if (this.#values.get(value.name) === value) return value;
    const known = share && data.data.length <= smallConstant ? this.#sharedConstant(constantKey(data)) : undefined;
    if (known) return known;
    this.#keep(value);
    this.#addConstant(constant);
    return value;
  }

  /** Takes over a frozen node of another graph with its names and types, which are not inferred again. */
  protected adoptNode(node: GraphNode): void {
    for (const value of node.outputs) this.#keep(value);
    this.#append(node);
  }

  protected adoptOutputs(outputs: readonly GraphOutput[]): void {
    this.#outputs.push(...outputs);
  }

  #declare({ name, dtype, shape }: ValueType & { readonly name: string }): Value {
    const value: Value = Object.freeze({ name, dtype, shape: Object.freeze([...shape]) });
    this.#values.set(name, value);
    return value;
  }

  #keep(value: Value): void {
    this.#values.set(value.name, value);
  }

  #sharedConstant(key: string): Value | undefined {
    return this.#shared.get(key) ?? (this.#around ? this.#around.#sharedConstant(key) : undefined);
  }

  #addConstant(constant: Constant): void {
    const { value, data } = constant;
    this.#constants.set(value.name, Object.freeze({ value, data }));
    if (data.data.length <= smallConstant) this.#shared.set(constantKey(data), value);
    this.facts.learnConstant(value, data);
  }

  #append(node: GraphNode): void {
    this.#nodes.push(node);
    for (const output of node.outputs) this.#producers.set(output.name, node);
    const [first] = node.outputs;
    // Float values have no contents: most nodes end here.
    if (first === undefined || first.dtype === "float32") return;
    const contents = this.known(node);
    if (contents) this.facts.learnContents(first, contents);
  }
}

/** A finished graph to go on with: its values keep their names and can be used and asked for. */
class Extension extends Builder {
  constructor(name: string, graph: Graph) {
    super(name);
    claimNames(this.names, graph);
    for (const value of graph.inputs) this.adoptInput(value);
    for (const constant of graph.constants.values()) this.adoptConstant(constant, false);
    for (const node of graph.nodes) this.adoptNode(node);
    this.adoptOutputs(graph.outputs);
  }
}

// What the table makes of an operator's name is, for any name, a list of values and a record of attributes.
const listOf = (inputs: unknown) => inputs as readonly (Value | undefined)[];
const attributesOf = (attributes: unknown) => (attributes ?? {}) as Attributes;

function noOutput(op: string): never {
  throw internalError(`${op} was added without an output`);
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
  return new Extension(name, graph);
}
