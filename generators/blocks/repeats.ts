import { tensorsOf } from "../../runtime/layers/tensors.js";
import type { LayerNode, Tensor } from "../../runtime/layers/types.js";
import { placesByName } from "./name-places.js";
import { signatureOf } from "./signature.js";

/** A run of layers that follow each other, found at several places. */
export interface Repeat {
  readonly length: number;
  /** Indices of first layers, ascending; the runs may overlap. */
  readonly starts: readonly number[];
}

/** Blocks have 3 to 64 layers, and take at most 3 tensors. */
export const limits = { shortest: 3, longest: 64, inputs: 3, outputs: 3 } as const;

/** What each layer takes, as positions. */
export type Wiring = readonly (readonly { readonly layer: number; readonly output: number }[])[];

export function wiringOf(layers: readonly LayerNode[]): Wiring {
  const positions = new Map(layers.map((layer, index) => [layer, index]));
  const place = ({ layer, index }: Tensor) => ({ layer: positions.get(layer) ?? -1, output: index });
  return layers.map((layer) => tensorsOf(layer).map(place));
}

/** A run that grows at its end: the tensors from before it, numbered in the order in which its layers take them. */
class Run {
  private readonly outside = new Map<string, number>();

  private readonly start: number;

  constructor(start: number) {
    this.start = start;
  }

  /** What tells the next layer from that of other runs; undefined where the run would take too many tensors. */
  wires(taken: Wiring[number]): string | undefined {
    const texts = taken.map(({ layer, output }) => {
      if (layer >= this.start) return `${layer - this.start}.${output}`;
      const key = `${layer}.${output}`;
      const known = this.outside.get(key) ?? this.outside.size;
      this.outside.set(key, known);
      return `x${known}`;
    });
    return this.outside.size > limits.inputs ? undefined : texts.join(",");
  }
}

/** Which runs of one length are the same: a number above 0 for each first layer, 0 for runs that occur once. */
type Kinds = readonly Int32Array[];

/**
 * After how many layers a run begins again within itself, by two thirds of its length at the latest: it is several uses of
 * a shorter block, or a part of such a row. Undefined where it does not.
 */
export function periodOf(kinds: Kinds, start: number, length: number): number | undefined {
  for (let period = 1; 3 * period <= 2 * length; period++) {
    const same = kinds[length - period];
    const kind = same?.[start];
    if (kind !== undefined && kind !== 0 && kind === same?.[start + period]) return period;
  }
  return undefined;
}

/**
 * Where a run that begins again after fewer layers than a block has (convolution, relu, convolution, relu) may be cut: at
 * the places that its names tell. None where these are several uses of a shorter one in a row.
 */
function namedRepeat(
  layers: readonly LayerNode[],
  { length, starts }: Repeat,
  shorter: readonly Repeat[],
): readonly Repeat[] {
  const places = placesByName(layers, { length, starts });
  const [first] = places;
  if (first === undefined || places.length < 2) return [];
  const isRow = shorter.some((one) => one.starts.includes(first) && one.starts.includes(first + one.length));
  return isRow ? [] : [{ length, starts: places }];
}

/**
 * Finds all runs of layers that occur at several places: layers of the same types, wired the same way, whose options
 * differ in sizes only. Runs of one length are told apart by their next layer, so work is done for those alone that
 * repeat; a run follows the order of the network, so no path leaves it and comes back.
 */
export function findRepeats(layers: readonly LayerNode[], wiring: Wiring): readonly Repeat[] {
  const signatures = layers.map(signatureOf);
  const runs = layers.map((_, start) => new Run(start));
  const kinds: Int32Array[] = [new Int32Array(layers.length)];
  const repeats: Repeat[] = [];
  const named: Repeat[] = [];
  let groups: readonly (readonly number[])[] = [layers.map((_, start) => start)];
  for (let length = 1; length <= limits.longest && groups.length > 0; length++) {
    groups = groups.flatMap((group) => {
      const parts = new Map<string, number[]>();
      for (const start of group) {
        const next = start + length - 1;
        const signature = signatures[next];
        const wires = signature === undefined ? undefined : runs[start]?.wires(wiring[next] ?? []);
        if (wires === undefined) continue;
        const key = `${wires};${signature}`;
        const part = parts.get(key);
        if (part === undefined) parts.set(key, [start]);
        else part.push(start);
      }
      return [...parts.values()].filter((starts) => (starts.at(-1) ?? 0) - (starts[0] ?? 0) >= length);
    });
    const kind = new Int32Array(layers.length);
    for (const [index, starts] of groups.entries()) for (const start of starts) kind[start] = index + 1;
    kinds.push(kind);
    if (length < limits.shortest) continue;
    for (const starts of groups) {
      const period = periodOf(kinds, starts[0] ?? 0, length);
      if (period === undefined) repeats.push({ length, starts });
      else if (period < limits.shortest && length % period === 0)
        named.push(...namedRepeat(layers, { length, starts }, named));
    }
  }
  return [...repeats, ...named];
}
