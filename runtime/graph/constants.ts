import type { ConstantData } from "./types.js";

/** Constants with at most this many elements are shared when equal, printed in place and folded. */
export const smallConstant = 64;

/** Equal for constants with equal type, shape and elements; tells −0 from 0. */
export function constantKey({ dtype, shape, data }: ConstantData): string {
  const text = Array.from(data, (item) => (Object.is(item, -0) ? "-0" : `${item}`));
  return `${dtype}[${shape.join(",")}]${text.join(",")}`;
}
