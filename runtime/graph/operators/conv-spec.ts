import type { Dim, Value } from "../types.js";
import { type Differentiation, fixed } from "./operator.js";
import { spatial, type Window } from "./window.js";

/**
 * A convolution y = Conv(x, w) as its gradients see it, all lengths read once. The gradients of a transposed convolution
 * are those of the convolution that it transposes, x and y exchanged.
 */
export interface ConvSpec {
  readonly d: Pick<Differentiation, "g" | "fail">;
  readonly window: Window;
  readonly group: number;
  /** Channels of x. */
  readonly channels: number;
  /** Channels of y. */
  readonly filters: number;
  /** Spatial lengths of x. */
  readonly lengths: readonly Dim[];
  /** Spatial lengths of y. */
  readonly counts: readonly Dim[];
}

export function convSpec(
  d: ConvSpec["d"],
  { x, dy, window, group }: Pick<ConvSpec, "window" | "group"> & { readonly x: Value; readonly dy: Value },
): ConvSpec {
  return {
    d,
    window,
    group,
    channels: fixed(d, x.shape[1], "the number of channels"),
    filters: fixed(d, dy.shape[1], "the number of filters"),
    lengths: spatial(x),
    counts: spatial(dy),
  };
}

export function groupAttribute(group: number): number | undefined {
  return group === 1 ? undefined : group;
}
