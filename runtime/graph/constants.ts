import type { Attribute, ConstantData, Contents, Graph } from "./types.js";

/** Constants with at most this many elements are shared when equal, printed in place and folded. */
export const smallConstant = 64;

/** Contents of longer tensors are not followed: no shape, list of axes or of sizes is as long. */
const longestContents = 1024;

/** Equal for constants with equal type, shape and elements; tells −0 from 0. */
export function constantKey({ dtype, shape, data }: ConstantData): string {
  const text = Array.from(data, (item) => (Object.is(item, -0) ? "-0" : `${item}`));
  return `${dtype}[${shape.join(",")}]${text.join(",")}`;
}

/** The elements of a constant vector or scalar of integers or flags: a shape, axes, indices. */
export function constantContents({ dtype, shape, data }: ConstantData): Contents | undefined {
  if (dtype === "float32" || shape.length > 1 || data.length > longestContents) return undefined;
  return Array.from(data);
}

export function isConstantData(value: Attribute | undefined): value is ConstantData {
  return typeof value === "object" && "data" in value;
}

export function isGraph(value: Attribute | undefined): value is Graph {
  return typeof value === "object" && "kind" in value && value.kind === "graph";
}
