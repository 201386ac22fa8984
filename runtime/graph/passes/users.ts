import { usedBy } from "../captures.js";
import type { Graph, GraphNode, Value } from "../types.js";

/** Who makes and who uses the values of a graph. */
export class Users {
  readonly #users = new Map<string, GraphNode[]>();
  readonly #producers = new Map<string, GraphNode>();
  readonly #outputs: ReadonlySet<string>;

  constructor(graph: Graph) {
    for (const node of graph.nodes) {
      for (const value of node.outputs) this.#producers.set(value.name, node);
      for (const value of new Set(usedBy(node))) {
        const known = this.#users.get(value.name);
        if (known) known.push(node);
        else this.#users.set(value.name, [node]);
      }
    }
    this.#outputs = new Set(graph.outputs.map(({ value }) => value.name));
  }

  of(value: Value): readonly GraphNode[] {
    return this.#users.get(value.name) ?? [];
  }

  producer(value: Value | undefined): GraphNode | undefined {
    return value && this.#producers.get(value.name);
  }

  isOutput(value: Value): boolean {
    return this.#outputs.has(value.name);
  }

  /** The one node that uses a value, if it is the only use and of this operator. */
  onlyUser(value: Value | undefined, op: string): GraphNode | undefined {
    if (!value || this.isOutput(value)) return undefined;
    const [user, another] = this.of(value);
    return user?.op === op && !another ? user : undefined;
  }
}
