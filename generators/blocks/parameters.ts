import { isDeepStrictEqual } from "node:util";
import type { LayerNode, OptionValue } from "../../runtime/layers/types.js";
import { mostNameGroups } from "./candidates.js";
import { nameGroups, sharedWord } from "./name-pattern.js";
import { type Size, type SizeSlot, sizesOf } from "./sizes.js";
import type { BlockName, BlockParameter, BlockValue } from "./types.js";

/** A parameter with its value in each use; undefined where a use leaves it out. */
export interface Argument {
  readonly parameter: BlockParameter;
  readonly values: readonly (OptionValue | undefined)[];
}

/** A size of a layer, by use. */
interface Varying extends Pick<SizeSlot, "name" | "fallback"> {
  readonly values: readonly (Size | undefined)[];
}

/** The parameters of one block, in the order in which its layers need them. */
export class Parameters {
  readonly all: Argument[] = [];
  /** Sizes that differ between uses, each list of values once. */
  private readonly varying: readonly Varying[];
  private readonly made = new Map<Varying, string>();
  /** `[use][layer]` */
  private readonly uses: readonly (readonly LayerNode[])[];

  constructor(uses: readonly (readonly LayerNode[])[]) {
    this.uses = uses;
    const [first = []] = uses;
    this.varying = first
      .flatMap((_, layer) => [...this.slotsOf(layer).values()])
      .filter(({ values }) => differ(values));
  }

  private add(wanted: string, parameter: Omit<BlockParameter, "name">, values: Argument["values"]): Argument {
    const taken = new Set(this.all.map((one) => one.parameter.name));
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted}${number}`;
    const argument = { parameter: { name, ...parameter }, values };
    this.all.push(argument);
    return argument;
  }

  /** How each layer is named, and the word that all names share. */
  names(): { readonly names: readonly BlockName[]; readonly word: string | undefined } {
    const [first = []] = this.uses;
    const texts = first.map((_, layer) => this.uses.map((layers) => layers[layer]?.name ?? ""));
    const groups = nameGroups(texts);
    if (groups.length > mostNameGroups) {
      const lists = this.uses.map((layers) => layers.map(({ name }) => name));
      const { parameter } = this.add("names", { kind: "texts" }, lists);
      return { names: first.map((_, item) => ({ parameter: parameter.name, item })), word: undefined };
    }
    const names: BlockName[] = [];
    for (const { stems, layers } of groups) {
      const { parameter } = this.add("name", { kind: "text" }, stems);
      for (const [layer, around] of layers) names[layer] = { parameter: parameter.name, ...around };
    }
    // The name of a single layer says what it is, not what they are together.
    const [group] = groups;
    return { names, word: group === undefined || group.layers.size < 2 ? undefined : sharedWord(group.stems) };
  }

  /** The sizes of a layer by key (`option filters`): literal where all uses agree, else a parameter. */
  sizesOf(layer: number): ReadonlyMap<string, BlockValue> {
    const values = [...this.slotsOf(layer)].flatMap(([key, slot]) => {
      const value = this.valueOf(slot);
      return value === undefined ? [] : [[key, value] as const];
    });
    return new Map(values);
  }

  /** A layer's sizes in all uses. */
  private slotsOf(layer: number): ReadonlyMap<string, Varying> {
    const slots = this.uses.map((layers) => {
      const node = layers[layer];
      return new Map((node === undefined ? [] : sizesOf(node)).map((slot) => [`${slot.at} ${slot.key}`, slot]));
    });
    const [first = new Map<string, SizeSlot>()] = slots;
    return new Map(
      [...first].map(([key, { name, fallback }]) => {
        return [key, { name, fallback, values: slots.map((use) => use.get(key)?.value) }];
      }),
    );
  }

  private valueOf(slot: Varying): BlockValue | undefined {
    const { values, name, fallback } = slot;
    const [first] = values;
    if (!differ(values)) return first === undefined ? undefined : { kind: "literal", value: first };
    // 256 filters beside 64, 512 beside 128: four times the others.
    let base = { slot, times: 0 };
    for (const other of this.varying) {
      const times = factorBetween(other, slot) ?? 0;
      if (times > base.times) base = { slot: other, times };
    }
    let parameter = this.made.get(base.slot);
    if (parameter === undefined) {
      const { values: given } = base.slot;
      parameter = this.add(name, { kind: "size", ...(fallback !== undefined && { fallback }) }, given).parameter.name;
      this.made.set(base.slot, parameter);
    }
    return { kind: "parameter", parameter, times: base.times };
  }
}

const differ = (values: Varying["values"]): boolean => !values.every((value) => isDeepStrictEqual(value, values[0]));

/** The whole number that makes one's values those of another in every use: 1 for equal ones. */
function factorBetween(from: Varying, to: Varying): number | undefined {
  if (from.name !== to.name || !isDeepStrictEqual(from.fallback, to.fallback)) return undefined;
  if (isDeepStrictEqual(from.values, to.values)) return 1;
  const [first] = from.values;
  const [second] = to.values;
  if (typeof first !== "number" || typeof second !== "number") return undefined;
  const times = second / first;
  if (!Number.isInteger(times) || times < 2 || !Number.isInteger(first)) return undefined;
  const always = from.values.every((value, use) => typeof value === "number" && value * times === to.values[use]);
  return always ? times : undefined;
}
