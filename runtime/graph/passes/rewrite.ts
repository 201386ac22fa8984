import { Builder } from "../builder.js";
import { hasGraphs } from "../captures.js";
import { isGraph } from "../constants.js";
import { inferNode } from "../infer.js";
import { sameShape } from "../lengths.js";
import { claimNames } from "../names.js";
import type { Attributes, Graph, GraphBuilder, GraphNode, Value } from "../types.js";

/**
 * Looks at one node, whose inputs are those that it has by now. Gives back the values that take the place of its outputs,
 * made with the builder or there already; undefined keeps the node.
 */
export type Visit = (node: GraphNode, r: GraphBuilder) => readonly Value[] | undefined;

/** A visit for each graph, nested ones among them; what it knows of the whole graph it finds out beforehand. */
export type Rule = (graph: Graph) => Visit;

/** Goes once through the nodes in order, nested graphs included; gives back the same graph where nothing changed. */
export function rewrite(graph: Graph, rule: Rule): Graph {
  return new Rewriter(graph).run(rule);
}

class Rewriter extends Builder {
  readonly #from: Graph;
  readonly #outer: Rewriter | undefined;
  /** By the name of a value of the graph it is made from. */
  readonly #replaced = new Map<string, Value>();
  #changed = false;

  constructor(graph: Graph, outer?: Rewriter) {
    super(graph.name, outer);
    this.#from = graph;
    this.#outer = outer;
    // Only a pass that makes something needs to know which names are taken.
    if (!outer) this.names.claimLater((names) => claimNames(names, graph));
    for (const value of graph.inputs) this.adoptInput(value);
  }

  run(rule: Rule): Graph {
    const visit = rule(this.#from);
    for (const node of this.#from.nodes) this.#visit(node, visit, rule);
    const outputs = this.#from.outputs.map((output) => {
      const value = this.#current(output.value);
      return value === output.value ? output : Object.freeze({ name: output.name, value });
    });
    if (!this.#changed) return this.#from;
    this.adoptOutputs(outputs);
    return this.build();
  }

  #visit(original: GraphNode, visit: Visit, rule: Rule): void {
    const node = this.#resolved(original, rule);
    const made = this.inScope({ name: node.scope, at: node.at }, () => visit(node, this));
    if (made) {
      this.#changed = true;
      original.outputs.forEach((value, index) => {
        const by = made[index];
        if (by) this.#replaced.set(value.name, this.#replaced.get(by.name) ?? by);
      });
    } else if (node === original) {
      this.adoptNode(node);
    } else {
      this.#changed = true;
      this.#adoptChanged(node);
    }
  }

  /** A node whose inputs are others now. Its outputs keep their names, and their types unless those of the inputs changed. */
  #adoptChanged(node: GraphNode): void {
    const types = inferNode({ ...node, outputs: node.outputs.length }, this.facts);
    const outputs = node.outputs.map((value, index) => {
      const type = types[index];
      if (!type || (type.dtype === value.dtype && sameShape(type.shape, value.shape))) return value;
      const changed = Object.freeze({ name: value.name, ...type });
      this.#replaced.set(value.name, changed);
      return changed;
    });
    this.adoptNode(Object.freeze({ ...node, outputs: Object.freeze(outputs) }));
  }

  #current(value: Value): Value {
    const replaced = this.#replaced.get(value.name);
    if (replaced) return replaced;
    const constant = this.#from.constants.get(value.name);
    if (constant) {
      const adopted = this.adoptConstant(constant, true);
      if (adopted !== value) {
        this.#replaced.set(value.name, adopted);
        this.#changed = true;
      }
      return adopted;
    }
    return this.owns(value) || !this.#outer ? value : this.#outer.#current(value);
  }

  /** A node with the values that it uses now, the graphs among its attributes rewritten. */
  #resolved(node: GraphNode, rule: Rule): GraphNode {
    const attributes = hasGraphs(node) ? this.#attributes(node.attributes, rule) : node.attributes;
    if (attributes === node.attributes && node.inputs.every((value) => !value || this.#current(value) === value)) {
      return node;
    }
    const inputs = node.inputs.map((value) => value && this.#current(value));
    return Object.freeze({ ...node, inputs: Object.freeze(inputs), attributes });
  }

  #attributes(attributes: Attributes, rule: Rule): Attributes {
    const changed = Object.entries(attributes).flatMap(([name, value]) => {
      if (!isGraph(value)) return [];
      const graph = new Rewriter(value, this).run(rule);
      return graph === value ? [] : [[name, graph] as const];
    });
    return changed.length === 0 ? attributes : Object.freeze({ ...attributes, ...Object.fromEntries(changed) });
  }
}
