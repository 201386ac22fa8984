import { parseInput } from "../../runtime/graph/operators/signature.js";
import { definitionOf } from "../../runtime/layers/table.js";
import { isTensor } from "../../runtime/layers/tensors.js";
import type { LayerNode, OptionValue } from "../../runtime/layers/types.js";

/** A number or a list of numbers: what the uses of a block may differ in. */
export type Size = number | readonly number[];

/** A place of a layer where a size stands or may stand. */
export interface SizeSlot {
  readonly at: "option" | "input";
  /** The option's name; of an input its index. */
  readonly key: string;
  /** What a parameter for it is called. */
  readonly name: string;
  readonly value: Size | undefined;
  /** What the layer takes where it is left out. */
  readonly fallback: Size | undefined;
}

/** Whether a value is a number or a list of numbers. */
export function isSize(value: unknown): value is Size {
  return typeof value === "number" || (Array.isArray(value) && value.every((item) => typeof item === "number"));
}

/** The option of a layer that is left out as it would be written; undefined where that is no size. */
function fallbackOf(node: LayerNode, option: string): Size | undefined {
  const kind = definitionOf(node.type).options[option];
  if (kind === undefined || kind.required || kind.fallback === undefined) return undefined;
  const written = kind.print(kind.fallback);
  return isSize(written) ? written : undefined;
}

function inputName(node: LayerNode, index: number): string {
  const rows = definitionOf(node.type).inputs;
  const row = rows[Math.min(index, rows.length - 1)];
  return row === undefined ? "value" : parseInput(row).name;
}

/** All sizes of a layer, and the options that are left out and could be one. */
export function sizesOf(node: LayerNode): readonly SizeSlot[] {
  const inputs = node.inputs.flatMap((input, index): readonly SizeSlot[] => {
    if (input === undefined || isTensor(input)) return [];
    return [{ at: "input", key: String(index), name: inputName(node, index), value: input, fallback: undefined }];
  });
  const options = Object.keys(definitionOf(node.type).options).flatMap((key): readonly SizeSlot[] => {
    const value: OptionValue | undefined = node.options[key];
    if (Object.hasOwn(node.tensors, key) || (value !== undefined && !isSize(value))) return [];
    return [{ at: "option", key, name: key, value, fallback: fallbackOf(node, key) }];
  });
  return [...inputs, ...options];
}
