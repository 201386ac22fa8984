import { isTensor } from "../../runtime/layers/tensors.js";
import type { LayerNode } from "../../runtime/layers/types.js";
import { isSize } from "./sizes.js";

/** JSON that keeps numbers apart which JSON does not: NaN, infinities and -0. */
function exact(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === "number" && (!Number.isFinite(item) || Object.is(item, -0)))
      return { number: `${1 / item}${item}` };
    if (ArrayBuffer.isView(item)) return { array: item.constructor.name, items: [...(item as Float32Array)] };
    return item;
  });
}

const isGraph = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "graph";

/** A size's form: numbers of any value are the same, lists of numbers where they are as long. */
const sizeForm = (value: number | readonly number[]): string => (typeof value === "number" ? "" : `[${value.length}]`);

function inputForm(input: LayerNode["inputs"][number]): string {
  if (input === undefined) return "-";
  if (isTensor(input)) return "t";
  return typeof input === "number" ? "n" : sizeForm(input);
}

/**
 * Everything but its name, its sizes and what it is wired to, that a layer has to share with another for both to be the
 * same layer of a block; undefined for one that belongs to no block: a source, a loss, a metric, or a layer with a graph
 * among its options. A number that is left out counts as a number.
 */
export function signatureOf(node: LayerNode): string | undefined {
  if (node.role !== "layer" || Object.values(node.options).some(isGraph)) return undefined;
  const options = Object.entries(node.options).flatMap(([key, value]) => {
    if (!isSize(value)) return [`${key}=${exact(value)}`];
    return typeof value === "number" ? [] : [`${key}${sizeForm(value)}`];
  });
  const inputs = node.inputs.map(inputForm).join("");
  const tensors = Object.keys(node.tensors).join(",");
  return [node.type, inputs, tensors, node.outputs.length, ...options.sort()].join(";");
}
