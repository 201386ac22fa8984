import { isGraph } from "./constants.js";
import type { Graph } from "./types.js";

/** Gives names that nothing else has: one giver for all values and nodes of a model, nested graphs included. */
export class Names {
  readonly #taken = new Set<string>();
  readonly #counts = new Map<string, number>();
  #later: ((names: Names) => void) | undefined;

  /** Lets `claim` take names when one is first asked for. */
  claimLater(claim: (names: Names) => void): void {
    this.#later = claim;
  }

  /** Takes a name as it is; false where it was taken before. */
  claim(name: string): boolean {
    this.#load();
    if (this.#taken.has(name)) return false;
    this.#taken.add(name);
    return true;
  }

  /** `base`, or `base_2`, `base_3`, … where it is taken. */
  fresh(base: string): string {
    this.#load();
    let count = this.#counts.get(base) ?? 0;
    let name: string;
    do {
      count += 1;
      name = count === 1 ? base : `${base}_${count}`;
    } while (this.#taken.has(name));
    this.#counts.set(base, count);
    this.#taken.add(name);
    return name;
  }

  #load(): void {
    const later = this.#later;
    this.#later = undefined;
    later?.(this);
  }
}

/** Takes all names of a graph, those of nested graphs included. */
export function claimNames(names: Names, graph: Graph): void {
  for (const { name } of graph.inputs) names.claim(name);
  for (const name of graph.constants.keys()) names.claim(name);
  for (const node of graph.nodes) {
    names.claim(node.name);
    for (const { name } of node.outputs) names.claim(name);
    for (const attribute of Object.values(node.attributes)) if (isGraph(attribute)) claimNames(names, attribute);
  }
}
