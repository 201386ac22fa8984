import { formatShape } from "../lengths.js";
import type { Dim, Value } from "../types.js";
import { type GivenWindow, slidLengths, statedPads, windowOf, windowRows } from "./given-window.js";
import type { Inference, Signature } from "./operator.js";
import { spatial, type Window } from "./window.js";

export const poolRows = {
  ...windowRows,
  ceil_mode: { kind: "int", default: 0, choices: [0, 1] },
  kernel_shape: { kind: "ints", required: true },
} as const satisfies Signature["attributes"];

interface GivenPool extends GivenWindow {
  readonly ceil_mode: 0 | 1;
  readonly kernel_shape: readonly number[];
}

interface Pool extends Pick<Inference, "fail"> {
  readonly attributes: GivenPool;
}

/** The shape of what is pooled from x: its rows and channels, and a cell for each window. */
export function pooledShape(n: Pool, x: Value): readonly Dim[] {
  const { kernel_shape: kernel, ceil_mode: ceil } = n.attributes;
  if (x.shape.length < 3) n.fail(`"${x.name}" has shape ${formatShape(x.shape)}; expected [N, channels, …]`);
  if (kernel.length !== x.shape.length - 2 || kernel.some((length) => length < 1)) {
    n.fail(`kernel_shape is [${kernel.join(",")}]; expected ${x.shape.length - 2} lengths of 1 or more`);
  }
  const { pads = [] } = n.attributes;
  if (pads.some((pad, index) => pad >= (kernel[index % kernel.length] ?? 0))) {
    n.fail(`the pads [${pads.join(",")}] are not smaller than the kernel [${kernel.join(",")}]`);
  }
  const lengths = slidLengths(n, n.attributes, { kernel, lengths: spatial(x), ceil: ceil === 1 });
  return [...x.shape.slice(0, 2), ...lengths];
}

/** The window of a pool, its pads resolved for x. */
export function poolWindow(d: Pool, x: Value): Window {
  return windowOf(d, d.attributes, { kernel: d.attributes.kernel_shape, lengths: spatial(x) });
}

/** The attributes of the pool with its pads stated, where engines need that. */
export function statedPool<D extends Pool>(d: D, x: Value) {
  const pads = statedPads(d, d.attributes, { kernel: d.attributes.kernel_shape, lengths: spatial(x) });
  return pads && { ...d.attributes, ...pads };
}
