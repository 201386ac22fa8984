import { random } from "../random.js";
import { dataError } from "./problem-list.js";

interface Split {
  readonly rows: number;
  /** Workers asked for. */
  readonly k: number;
  readonly seed: number;
}

/** The rows of each worker. Names are those of Apache SystemDS' paramserv builtin. */
const schemes = {
  /** Worker i gets the i-th run of consecutive rows. */
  DISJOINT_CONTIGUOUS: ({ rows, k }) => cut(counting(rows), k),
  /** Row l goes to worker l mod k. */
  DISJOINT_ROUND_ROBIN: ({ rows, k }) =>
    Array.from({ length: Math.min(k, rows) }, (_, worker) =>
      Int32Array.from({ length: Math.ceil((rows - worker) / k) }, (_row, index) => worker + index * k),
    ),
  /** One permutation of all rows, cut in runs. */
  DISJOINT_RANDOM: ({ rows, k, seed }) => cut(Int32Array.from(random(seed, "partition").permutation(rows)), k),
  /** Every worker gets all rows, each in an order of its own; here k workers even where there are fewer rows. */
  OVERLAP_RESHUFFLE: ({ rows, k, seed }) =>
    Array.from({ length: k }, (_, worker) => Int32Array.from(random(seed, "partition", worker).permutation(rows))),
} as const satisfies Record<string, (split: Split) => Int32Array[]>;

export type PartitionScheme = keyof typeof schemes;

export const partitionSchemes = Object.keys(schemes) as readonly PartitionScheme[];

/**
 * Row numbers for each worker. Disjoint schemes give every row to exactly one worker, no worker is left empty (with
 * fewer rows than `k` there are as many workers as rows: the caller sees the count), and sizes differ by at most one.
 * The ancestor slices ⌈rows/k⌉ rows instead, which for 9 rows and 4 workers leaves the last with none.
 */
export function partition(scheme: PartitionScheme, rows: number, k: number, seed: number): Int32Array[] {
  for (const [name, value] of Object.entries({ rows, k })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw dataError("DATA_OPTION_INVALID", `${name} is ${value}, expected a whole number of at least 1`);
  }
  if (!Object.hasOwn(schemes, scheme)) {
    throw dataError("DATA_OPTION_INVALID", `scheme is "${scheme}", expected one of ${partitionSchemes.join(", ")}`);
  }
  return schemes[scheme]({ rows, k, seed });
}

function counting(length: number): Int32Array {
  return Int32Array.from({ length }, (_, index) => index);
}

/** Cuts a list in at most k runs whose lengths differ by at most one, the longer ones first. */
function cut(order: Int32Array, k: number): Int32Array[] {
  const workers = Math.min(k, order.length);
  const base = Math.floor(order.length / workers);
  const longer = order.length % workers;
  const startOf = (worker: number) => worker * base + Math.min(worker, longer);
  return Array.from({ length: workers }, (_, worker) => order.subarray(startOf(worker), startOf(worker + 1)));
}
