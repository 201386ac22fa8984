import { random } from "../../random.js";

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
