import type { GraphBuilder, Value } from "../graph/types.js";
import type { Network, Scalar } from "../layers/types.js";
import { type LoweredNetwork, lowerNetwork } from "./lower.js";
import { type RowWeights, rowWeightsOf } from "./row-weights.js";
import type { OutputBinding, ProgramScalar } from "./types.js";

/** A loss or metric under the name that it is reported by. */
export interface NamedScalar extends Omit<ProgramScalar, "weights"> {
  readonly scalar: Scalar;
}

/** Losses, then metrics. */
export function scalarsOf({ losses, metrics }: Network): readonly NamedScalar[] {
  return [
    ...Object.entries(losses).map(([name, { scalar, weight }]) => {
      return { name, role: "loss", factor: weight, scalar } as const;
    }),
    ...Object.entries(metrics).map(([name, scalar]) => ({ name, role: "metric", factor: 0, scalar }) as const),
  ];
}

/** A loss or metric in a graph: its value is sum / weight, both float32 `[]`. */
export interface ScalarValue extends NamedScalar {
  readonly rowWeights: RowWeights;
  readonly sum: Value;
  readonly weight: Value;
}

/** A network lowered as far as its losses and metrics. */
export interface LoweredScalars {
  readonly lowered: LoweredNetwork;
  readonly scalars: readonly ScalarValue[];
}

/** Lowers what losses and metrics need, and puts out their sums and weights. */
export function lowerScalars(network: Network, part: string, training: boolean): LoweredScalars {
  const named = scalarsOf(network);
  const ends = named.map(({ scalar }) => scalar);
  const lowered = lowerNetwork(network, { name: `${network.name} ${part}`, training, ends });
  const rows = rowCount(lowered);
  const scalars = named.map((one): ScalarValue => {
    const mean = lowered.meanFor(one.scalar);
    const rowWeights = rowWeightsOf(lowered, one.scalar.layer, mean);
    return { ...one, rowWeights, sum: mean.sum, weight: totalWeight(lowered.g, rowWeights, rows) };
  });
  return { lowered, scalars };
}

/** Adds sums and weights as outputs of the graph. */
export function putOutScalars({ lowered: { g, names }, scalars }: LoweredScalars): readonly OutputBinding[] {
  return scalars.flatMap(({ name, ...values }) =>
    (["sum", "weight"] as const).map((role): OutputBinding => {
      const output = names.fresh(`${role}:${name}`);
      g.output(output, values[role]);
      return { role, output, scalar: name };
    }),
  );
}

/** The rows of a batch as float32 `[]`, or undefined in a network that takes no data. */
function rowCount({ g, columns }: LoweredNetwork): (() => Value) | undefined {
  const [column] = columns.values();
  if (column === undefined) return undefined;
  let count: Value | undefined;
  return () => {
    count ??= g.op("Cast", [g.op("Gather", [g.op("Shape", [column]), g.scalar(0, "int64")])], { to: "float32" });
    return count;
  };
}

function totalWeight(g: GraphBuilder, weights: RowWeights, rows: (() => Value) | undefined): Value {
  if (weights.weights === "data") return g.op("ReduceSum", [weights.rows], { keepdims: 0 });
  if (rows === undefined) return g.scalar(weights.each);
  return weights.each === 1 ? rows() : g.op("Mul", [rows(), g.scalar(weights.each)]);
}
