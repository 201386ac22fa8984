import { internalError } from "../errors.js";
import type { Kernels } from "../kernels/kernels.js";
import type { OptimizerOptions } from "./define.js";
import type { Clip, Reduction, UpdateRange } from "./types.js";

const none: Clip = { scale: 1, limit: Infinity };

/** How an optimizer's options clip gradients; `reduction` where a norm has to be known first. */
export interface Clipping {
  readonly reduction?: Reduction;
  /** For a range with the totals of the reduction, which is the optimizer's first. */
  of(range: UpdateRange): Clip;
}

/**
 * clipValue keeps elements within a limit; clipNorm and globalClipNorm multiply by c / max(‖g‖, c), over a variable or the
 * model. Source: Keras 3 base_optimizer.py, clip_gradients; globalClipNorm is Caffe's clip_gradients too
 * (sgd_solver.cpp, ClipGradients). PyTorch's clip_grad_norm_ adds 1e-6 to the norm. A norm that is no number scales
 * nothing, so that the run is seen to diverge.
 */
export function clippingOf(options: OptimizerOptions, kernels: Kernels): Clipping {
  const { clipValue, clipNorm, globalClipNorm } = options;
  if (clipValue !== undefined) return { of: () => ({ scale: 1, limit: Number(clipValue) }) };
  const most = clipNorm ?? globalClipNorm;
  if (most === undefined) return { of: () => none };
  return {
    reduction: {
      name: "squares of gradients",
      over: clipNorm === undefined ? "model" : "variable",
      width: 1,
      sum: ({ gradients }) => [kernels.sumOfSquares(gradients)],
    },
    of({ totals }) {
      const [squares] = totals?.[0] ?? [];
      if (squares === undefined) throw internalError("gradients are clipped before their norm is known");
      const norm = Math.sqrt(squares);
      return { scale: norm > Number(most) ? Number(most) / norm : 1, limit: Infinity };
    },
  };
}
