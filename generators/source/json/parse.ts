import jsonc, { type Node } from "jsonc-parser";
import type { SourceRef } from "../../../runtime/errors.js";
import { JsonSource } from "./source.js";

/** What is wrong with the text of a JSON file, and where. */
export interface JsonFault {
  readonly message: string;
  readonly at: SourceRef;
}

/** Places in a text by offset; lines and columns count from 1. */
function placesOf(text: string, file: string): (offset: number) => SourceRef {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    let [least, most] = [0, starts.length];
    while (most - least > 1) {
      const middle = (least + most) >> 1;
      if ((starts[middle] ?? 0) <= offset) least = middle;
      else most = middle;
    }
    return { file, line: least + 1, column: offset - (starts[least] ?? 0) + 1 };
  };
}

function* repeated(node: Node): Generator<Node> {
  const seen = new Set<unknown>();
  for (const child of node.children ?? []) {
    const key = node.type === "object" ? child.children?.[0] : undefined;
    if (key !== undefined && seen.has(key.value)) yield key;
    seen.add(key?.value);
    yield* repeated(child);
  }
}

/**
 * Reads a JSON object with the places of its values. Strict JSON: comments, trailing commas and names that are given twice
 * are faults.
 */
export function parseJson(
  text: string,
  file: string,
): { readonly source: JsonSource; readonly faults: readonly [] } | { readonly faults: readonly JsonFault[] } {
  const place = placesOf(text, file);
  const errors: jsonc.ParseError[] = [];
  const root = jsonc.parseTree(text, errors, { disallowComments: true });
  const faults = errors.map(({ error, offset }) => ({
    message: `the file is not JSON: ${jsonc.printParseErrorCode(error)}`,
    at: place(offset),
  }));
  if (faults.length > 0) return { faults };
  if (root?.type !== "object") return { faults: [{ message: "the file holds no JSON object", at: place(0) }] };
  const twice = [...repeated(root)].map(({ value, offset }) => ({
    message: `"${value}" is given twice`,
    at: place(offset),
  }));
  return twice.length > 0 ? { faults: twice } : { source: new JsonSource(root, place), faults: [] };
}
