import { add, ceilDiv, isAtLeast, mul, sub } from "../lengths.js";
import type { Dim } from "../types.js";
import { fixed, type Inference, type Signature } from "./operator.js";
import { at, extent, type Moves, moveAttributes, outputLengths, type Sliding, type Window } from "./window.js";

/** The attributes of a window; ONNX's defaults are strides 1, dilations 1, pads 0 (all befores, then all afters). */
export const windowRows = {
  auto_pad: { kind: "string", default: "NOTSET", choices: ["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"] },
  dilations: { kind: "ints" },
  pads: { kind: "ints" },
  strides: { kind: "ints" },
} as const satisfies Signature["attributes"];

/** Pads so that there are ⌈length / stride⌉ windows. */
type Same = "SAME_UPPER" | "SAME_LOWER";

/** {@link windowRows} as a node has them. */
export interface GivenWindow {
  readonly auto_pad: "NOTSET" | "VALID" | Same;
  readonly dilations: readonly number[] | undefined;
  readonly pads: readonly number[] | undefined;
  readonly strides: readonly number[] | undefined;
}

type Failing = Pick<Inference, "fail">;

/** The window that attributes describe, its pads resolved for data of these lengths. */
export function windowOf(n: Failing, given: GivenWindow, over: Sliding): Window {
  const { moves, same } = movesOf(n, given, over.kernel.length);
  const kernel = over.kernel.map((length) => fixed(n, length, "a kernel length"));
  const window = { kernel, ...moves };
  if (!same) return window;
  const totals = over.lengths.map((length, axis) =>
    fixed(n, samePads(window, length, axis), `the pad of "${same}" for spatial axis ${axis} of length ${length}`),
  );
  return { kernel, ...withPads(moves, totals, same) };
}

/** The output lengths of a node. Of SAME no pads have to be known, but where engines have to be given them. */
export function slidLengths(n: Failing, given: GivenWindow, over: Sliding): readonly Dim[] {
  const { moves, same } = movesOf(n, given, over.kernel.length);
  if (!same) return outputLengths(n, moves, over);
  statedPads(n, given, over);
  return over.lengths.map((length, axis) => ceilDiv(length, at(moves.strides, axis)));
}

/**
 * Attributes that state the pads of SAME, else none. onnxruntime's convolutions refuse SAME with dilations and its pools
 * ignore these, and pools refuse strides greater than the kernel.
 */
export function statedPads(n: Failing, given: GivenWindow, over: Sliding) {
  const { moves, same } = movesOf(n, given, over.kernel.length);
  const { strides, dilations } = moves;
  const taken = over.kernel.every((length, axis) => dilations[axis] === 1 && isAtLeast(length, at(strides, axis)));
  return same && !taken ? ({ auto_pad: "NOTSET", ...moveAttributes(windowOf(n, given, over)) } as const) : undefined;
}

/** What attributes say of the moves, and which SAME, if any, says the pads. */
export function movesOf(
  n: Failing,
  given: GivenWindow,
  rank: number,
): { readonly moves: Moves; readonly same: Same | undefined } {
  const list = (name: "strides" | "dilations" | "pads", length: number, lowest: number) => {
    const values = given[name] ?? new Array<number>(length).fill(lowest);
    if (values.length !== length) n.fail(`${name} has ${values.length} entries; expected ${length}`);
    const wrong = values.find((value) => value < lowest);
    if (wrong !== undefined) n.fail(`${name} holds ${wrong}; expected ${lowest} or more`);
    return values;
  };
  const pads = list("pads", 2 * rank, 0);
  const [strides, dilations] = [list("strides", rank, 1), list("dilations", rank, 1)];
  const { auto_pad: automatic } = given;
  if (automatic !== "NOTSET" && pads.some((pad) => pad > 0)) n.fail(`it has pads beside auto_pad "${automatic}"`);
  return {
    moves: { strides, dilations, padsBefore: pads.slice(0, rank), padsAfter: pads.slice(rank) },
    same: automatic === "SAME_UPPER" || automatic === "SAME_LOWER" ? automatic : undefined,
  };
}

/** The pads of SAME: what ⌈length / stride⌉ windows need. Known for every length with a stride or an extent of 1. */
function samePads(w: Window, length: Dim, axis: number): Dim {
  const stride = at(w.strides, axis);
  if (stride === 1) return extent(w, axis) - 1;
  if (extent(w, axis) === 1) return 0;
  const needed = sub(add(mul(sub(ceilDiv(length, stride), 1), stride), extent(w, axis)), length);
  return typeof needed === "number" ? Math.max(needed, 0) : needed;
}

/** Moves with so many pads an axis; SAME_UPPER puts an odd one behind the data. */
export function withPads(moves: Moves, totals: readonly number[], same: Same): Moves {
  const round = same === "SAME_UPPER" ? Math.floor : Math.ceil;
  const padsBefore = totals.map((total) => round(total / 2));
  return { ...moves, padsBefore, padsAfter: totals.map((total, axis) => total - at(padsBefore, axis)) };
}
