import type { BatchRequest } from "../../data/assembly/row-batch.js";
import { random } from "../../random.js";
import type { SlotPlan } from "../protocol/types.js";

interface Order {
  /** The worker's rows, in the order of its partition. */
  readonly rows: Int32Array;
  readonly reshuffle: boolean;
  readonly seed: number;
  readonly rank: number;
}

/** The worker's rows in the order of an epoch: the same every time, or a new one from the seed. */
export function rowsOfEpoch({ rows, reshuffle, seed, rank }: Order, epoch: number): Int32Array {
  if (!reshuffle) return rows;
  const order = random(seed, "order", epoch, rank).permutation(rows.length);
  return Int32Array.from(order, (at) => rows[at] ?? 0);
}

/** The batches of an epoch, in the order in which a worker asks for them: those of each push, the last of it ragged. */
export function batchesOfEpoch(order: Int32Array, { rowsPerPush, batchsize }: SlotPlan, epoch: number): BatchRequest[] {
  const requests: BatchRequest[] = [];
  for (let start = 0; start < order.length; start += rowsPerPush) {
    const end = Math.min(start + rowsPerPush, order.length);
    for (let from = start; from < end; from += batchsize) {
      requests.push({ rows: order.subarray(from, Math.min(from + batchsize, end)), epoch });
    }
  }
  return requests;
}
