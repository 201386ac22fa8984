import type { Node } from "jsonc-parser";
import type { SourceRef } from "../../../runtime/errors.js";
import type { FieldSource, FieldValue } from "../fields/field.js";

/**
 * A JSON object as fields; an array is one whose fields are its places, `"0"`, `"1"`. A null counts as not given. Places
 * have line, column and the path in the file: `layers[2].units`.
 */
export class JsonSource implements FieldSource {
  readonly #node: Node;
  readonly #place: (offset: number) => SourceRef;
  readonly #path: string;
  readonly #fields: ReadonlyMap<string, Node>;

  constructor(node: Node, place: (offset: number) => SourceRef, path = "") {
    this.#node = node;
    this.#place = place;
    this.#path = path;
    const children = node.children ?? [];
    const pairs = node.type === "array" ? children.map(asPlace) : children.map(asProperty);
    this.#fields = new Map(pairs.filter(([, { type }]) => type !== "null"));
  }

  get given(): readonly string[] {
    return [...this.#fields.keys()];
  }

  one(name: string): FieldValue | undefined {
    const node = this.#fields.get(name);
    return node && this.#valueOf(node, this.#pathTo(name));
  }

  list(name: string): readonly FieldValue[] | undefined {
    const node = this.#fields.get(name);
    if (node?.type !== "array") return undefined;
    return (node.children ?? []).map((item, index) => this.#valueOf(item, `${this.#pathTo(name)}[${index}]`));
  }

  fallback(): undefined {
    return undefined;
  }

  at(name?: string, index = 0): SourceRef {
    const node = name === undefined ? undefined : this.#fields.get(name);
    if (name === undefined || node === undefined) return this.#placeOf(this.#node, this.#path);
    const item = node.type === "array" ? node.children?.[index] : undefined;
    return item === undefined
      ? this.#placeOf(node, this.#pathTo(name))
      : this.#placeOf(item, `${this.#pathTo(name)}[${index}]`);
  }

  #pathTo(name: string): string {
    if (this.#node.type === "array") return `${this.#path}[${name}]`;
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  #placeOf({ offset }: Node, path: string): SourceRef {
    return path === "" ? this.#place(offset) : { ...this.#place(offset), path };
  }

  #valueOf(node: Node, path: string): FieldValue {
    const { type, value } = node;
    return type === "object" || type === "array" || type === "null" ? new JsonSource(node, this.#place, path) : value;
  }
}

function asPlace(node: Node, index: number): readonly [string, Node] {
  return [String(index), node];
}

function asProperty({ children: [key, value] = [] }: Node): readonly [string, Node] {
  return [String(key?.value), value ?? { type: "null", offset: 0, length: 0 }];
}
