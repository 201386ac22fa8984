import { describe, expect, it } from "vitest";
import { length } from "../../runtime/graph/lengths.js";
import type { Dim } from "../../runtime/graph/types.js";
import { reference } from "../../runtime/kernels/reference.js";
import { keyOf } from "../../runtime/kernels/threefry.js";
import { longestMask, maskDrawer } from "../../runtime/paramserv/worker/masks.js";
import type { TrainingProgram } from "../../runtime/program/types.js";

const maskFeed = (name: string, rate: number, shape: readonly Dim[]) =>
  ({ kind: "mask", name, dtype: "float32", shape, rate }) as const;

function drawn(feeds: readonly ReturnType<typeof maskFeed>[], lengths: Readonly<Record<string, number>>) {
  const program = { feeds } as unknown as TrainingProgram;
  const scratch = new Float32Array(longestMask(program, lengths));
  return maskDrawer({ program, kernels: reference, scratch, lengths, seed: 5 });
}

/** One row of the mask at a place among the masks of a program, from the generator itself. */
function rowOf(index: number, row: number, rate: number, size: number): readonly number[] {
  const out = new Float32Array(size);
  reference.mask({ out, key: keyOf(5, index, 3, 2), stream: row, rate });
  return [...out];
}

describe("dropout masks", () => {
  const rows = Int32Array.of(7, 0, 9);
  const at = { epoch: 3, copy: 2 };

  it("are drawn a row, from seed, mask, epoch and copy", () => {
    const masks = drawn([maskFeed("a", 0.5, [2, 3]), maskFeed("b", 0.25, [4])], {})(rows, at);
    expect(masks.a?.shape).toEqual([3, 2, 3]);
    expect([...(masks.a?.data ?? [])]).toEqual([7, 0, 9].flatMap((row) => rowOf(0, row, 0.5, 6)));
    expect(masks.b?.shape).toEqual([3, 4]);
    expect([...(masks.b?.data ?? [])]).toEqual([7, 0, 9].flatMap((row) => rowOf(1, row, 0.25, 4)));
  });

  it("have the named lengths that the data have", () => {
    const symbolic = [maskFeed("a", 0.5, [length("T"), 3]), maskFeed("b", 0.25, [length("2T + 1")])];
    const masks = drawn(symbolic, { T: 2 })(rows, at);
    const fixed = drawn([maskFeed("a", 0.5, [2, 3]), maskFeed("b", 0.25, [5])], {})(rows, at);
    expect(masks).toEqual(fixed);
    expect(masks.b?.shape).toEqual([3, 5]);
  });

  it("are others in another epoch and for another copy of the data", () => {
    const draw = drawn([maskFeed("a", 0.5, [64])], {});
    const drawnAt = (epoch: number, copy: number) => [...(draw(rows, { epoch, copy }).a?.data ?? [])].join();
    const all = [drawnAt(3, 2), drawnAt(4, 2), drawnAt(3, 1), drawnAt(2, 3)];
    expect(new Set(all).size).toBe(4);
    expect(drawnAt(3, 2)).toBe(all[0]);
  });

  it("need room for the largest row", () => {
    const program = { feeds: [maskFeed("a", 0.5, [length("T"), 3]), maskFeed("b", 0.5, [4])] };
    expect(longestMask(program as unknown as TrainingProgram, { T: 20 })).toBe(60);
    expect(longestMask(undefined, {})).toBe(0);
  });
});
