import { internalError } from "../errors.js";
import type { Value } from "../graph/types.js";
import type { Lowering } from "./types.js";

/** The lowering of a source: there is none, the program feeds it. */
export function internalSource({ node }: Lowering): Value {
  throw internalError(`the source "${node.name}" was lowered`);
}
