import type { Kernels } from "../../../runtime/kernels/kernels.js";
import { reference } from "../../../runtime/kernels/reference.js";
import { compileKernels, wasmKernels } from "../../../runtime/kernels/wasm.js";
import { constant } from "../../../runtime/layers/initializers.js";
import { stepModel } from "../../../runtime/optimizers/apply.js";
import { adafactor, adam, lamb, makeOptimizer, type OptimizerConfig, sgd } from "../../../runtime/optimizers/index.js";
import { updatePlan } from "../../../runtime/optimizers/plan.js";
import { chunksOf } from "../../../runtime/paramserv/shards/chunks.js";
import { flatLive, writeModel, writePush } from "../../../runtime/paramserv/shards/flat.js";
import type { Share } from "../../../runtime/paramserv/shards/joining.js";
import { Journal } from "../../../runtime/paramserv/shards/journal.js";
import { allocate, type Shard, viewShards } from "../../../runtime/paramserv/shards/memory.js";
import type { MemoryPlan } from "../../../runtime/paramserv/shards/plan.js";
import { type ShardAtWork, type UpdateOrder, Updating } from "../../../runtime/paramserv/shards/updating.js";
import { place } from "../../../runtime/program/layout.js";
import type { VariableBuffer } from "../../../runtime/program/types.js";

/** Larger than the chunks in which an update is made, with ragged ends, state and frozen variables. */
export const layout: VariableBuffer = place(
  (
    [
      ["trained", [130, 140], 1, 1],
      ["trained", [33], 2, 0],
      ["trained", [7, 3, 5], 1, 1],
      ["state", [19], 0, 1],
      ["state", [17_003], 0, 1],
      ["frozen", [50], 0, 1],
    ] as const
  ).map(([role, shape, lr, decay], index) => ({
    ...{ name: `p${index}`, shape, role, lr, decay, initializer: constant(0) },
  })),
);

export const configs: Readonly<Record<string, OptimizerConfig>> = {
  "sgd with momentum": sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, nesterov: true }),
  adam: adam({ learningRate: 0.01, weightDecay: 0.01 }),
  "a norm of the model": sgd({ learningRate: 0.1, globalClipNorm: 3, weightDecay: 0.1 }),
  "LAMB after a norm of the model": lamb({ globalClipNorm: 3, weightDecay: 0.1 }),
  adafactor: adafactor({ learningRate: 0.01, weightDecay: 0.1 }),
};

/** Bytes of a shard: all in one, a few, and each chunk its own. */
export const limits: readonly number[] = [2 ** 30, 700_000, 1];

export const shares: readonly Share[] = [
  { slot: 0, weight: 0.5, rows: 4 },
  { slot: 1, weight: 0.375, rows: 3 },
  { slot: 2, weight: 0.125, rows: 1 },
];

/** An array whose variables hold numbers that follow from the place; padding stays 0. */
export function waves(size: number, seed: number, { variables }: Pick<VariableBuffer, "variables"> = layout) {
  const array = new Float32Array(size);
  for (const { offset, length } of variables) {
    for (let i = offset; i < Math.min(offset + length, size); i++) array[i] = Math.sin(i * 0.37 + seed);
  }
  return array;
}

export interface Flat {
  readonly weights: Float32Array;
  readonly slots: readonly Float32Array[];
}

/** The bits of arrays. */
export const bitsOf = ({ weights, slots }: Flat) =>
  [weights, ...slots]
    .map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength).toString("latin1"))
    .join("|");

export const plannedBy = (config: OptimizerConfig) => updatePlan(layout.variables, makeOptimizer(config, reference));

const module = compileKernels();

export type Given = Partial<MemoryPlan> & { readonly limit?: number };

/** The memory of a run, filled, and its makers. */
export class Rig {
  readonly memory: MemoryPlan;
  readonly shards: readonly Shard[];
  readonly words: Int32Array;
  readonly partials: Float64Array;
  readonly config: OptimizerConfig;
  readonly #kernels: readonly Kernels[];
  readonly #lengths: readonly number[];

  constructor(config: OptimizerConfig, { limit = 2 ** 30, ...given }: Given = {}) {
    const plan = plannedBy(config);
    const { variables: _, ...sizes } = layout;
    this.config = config;
    this.memory = {
      ...{ ...sizes, chunks: chunksOf(layout, plan), workers: 3, slots: plan.slots.length, models: false },
      ...{ capture: { weights: true, slots: true }, localSteps: false, candidate: false, mask: 0, ...given },
    };
    const model = allocate(this.memory, limit);
    this.shards = viewShards(model);
    this.#kernels = model.memories.map((memory) => wasmKernels(module, memory));
    this.#lengths = plan.slots.map(({ length }) => length);
    this.words = Journal.words(this.memory.workers);
    this.partials = new Float64Array(plan.partials);
    const slots = plan.slots.map(({ length, initial }) => new Float32Array(length).fill(initial));
    writeModel(this.shards, { weights: waves(layout.size, 1), slots });
  }

  /** Lays a push of every slot of work ready. */
  push(version: number): void {
    for (const { slot } of shares) writePush(this.shards, slot, pushOf(slot, version));
  }

  /** The shards with who computes on them; `change` makes them such that die. */
  at(change: { shard?(shard: Shard): Shard; kernels?(kernels: Kernels): Kernels } = {}): readonly ShardAtWork[] {
    return this.shards.map((shard, index) => {
      const own = this.#kernels[index] ?? reference;
      const kernels = change.kernels?.(own) ?? own;
      return { shard: change.shard?.(shard) ?? shard, kernels, optimizer: makeOptimizer(this.config, kernels) };
    });
  }

  /** Somebody who makes updates. */
  maker(shards = this.at(), journal = new Journal(this.words), diverged: () => never = wentWrong): Updating {
    const { chunks, models } = this.memory;
    const { partials } = this;
    return new Updating({ shards, chunks, models, partials, journal, plan: plannedBy(this.config), diverged });
  }

  /** All orders of an update, in turn. */
  orders(parts: number, version = 0, changes: Partial<UpdateOrder> = {}): readonly UpdateOrder[] {
    const phases = 1 + makeOptimizer(this.config, reference).reductions.length;
    return Array.from({ length: phases * parts }, (_, index) => {
      const phase = Math.floor(index / parts);
      return { version, iteration: 2 * version, shares, how: "step", phase, part: index % parts, parts, ...changes };
    });
  }

  /** The order of a whole update of one phase. */
  order(changes: Partial<UpdateOrder> = {}): UpdateOrder {
    return { version: 0, iteration: 0, shares, how: "step", phase: 0, part: 0, parts: 1, ...changes };
  }

  get flat(): Flat {
    const { weights, slots } = flatLive(this.shards, layout.size, this.#lengths);
    return { weights: weights.slice(), slots: slots.map((slot) => slot.slice()) };
  }
}

const wentWrong = (): never => {
  throw new Error("a weight is not finite");
};

export const pushOf = (slot: number, version: number) => waves(layout.pushed, 2 + slot + 10 * version);

/** Arrays joined in order, in plain float32 arithmetic. */
export function joined(arrays: readonly Float32Array[], weights: readonly number[]): Float32Array {
  const out = new Float32Array(arrays[0]?.length ?? 0);
  for (const [index, array] of arrays.entries()) {
    const weight = Math.fround(weights[index] ?? 0);
    for (let i = 0; i < out.length; i++) {
      const term = Math.fround(weight * (array[i] ?? 0));
      out[i] = index === 0 ? term : (out[i] ?? 0) + term;
    }
  }
  return out;
}

/** Updates in flat arrays by one thread with the reference kernels. */
export function plainly(config: OptimizerConfig, updates: number): Flat {
  const plan = plannedBy(config);
  const optimizer = makeOptimizer(config, reference);
  const weights = waves(layout.size, 1);
  const slots = plan.slots.map(({ length, initial }) => new Float32Array(length).fill(initial));
  for (let version = 0; version < updates; version++) {
    const pushes = shares.map(({ slot }) => pushOf(slot, version));
    const rows = shares.map(({ rows: own }) => own / 8);
    const gradients = joined(
      pushes.map((push) => push.subarray(0, layout.trained)),
      shares.map(({ weight }) => weight),
    );
    const arrays = { weights: weights.subarray(0, layout.trained), gradients, slots };
    stepModel({ optimizer, plan, arrays, at: { updates: version, iteration: 2 * version } });
    const states = pushes.map((push) => push.subarray(layout.trained));
    weights.set(joined(states, rows), layout.trained);
  }
  return { weights, slots };
}

/** What so many updates, each in so many parts, make of a rig. */
export function ran(rig: Rig, parts: number, updates: number): Flat {
  const makers = Array.from({ length: parts }, () => rig.maker());
  for (let version = 0; version < updates; version++) {
    rig.push(version);
    // The last first: parts know nothing of each other.
    for (const order of rig.orders(parts, version).toSorted((a, b) => a.phase - b.phase || b.part - a.part)) {
      makers[order.part]?.make(order);
    }
  }
  return rig.flat;
}
