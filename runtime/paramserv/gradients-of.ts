import type { Network } from "../layers/types.js";
import { type CompileOptions, compile } from "../program/compile.js";
import type { BuiltinGradients } from "./types.js";

/**
 * The built-in `upd`: compiles a network to its gradients.
 *
 * @param options `target`: a key of the target table, that of the engine to be used. Default "onnxruntime"
 * @throws CompileError if the network cannot be trained: no loss, or a layer without a gradient
 * @example const upd = gradientsOf(lenet);
 */
export function gradientsOf(network: Network, options: CompileOptions = {}): BuiltinGradients {
  return Object.freeze({ kind: "gradients", program: compile(network, options) });
}
