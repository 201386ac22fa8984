import { CompileError, internalError } from "../errors.js";
import type { Kernels } from "../kernels/kernels.js";
import { type Clipping, clippingOf } from "./clipping.js";
import { groupOptions, type OptimizerType } from "./define.js";
import { rateAt } from "./schedules.js";
import type { Ema, Optimizer, OptimizerConfig, Reduction, Slot, UpdateRange, UpdateRule } from "./types.js";

/** The options of the optimizer itself (first) or of a group, and the rule that they make. */
interface Member {
  readonly rule: UpdateRule;
  readonly weightDecay: number;
  rate(iteration: number): number;
}

/**
 * An update is: clip the gradient, let the weight decay come in, step by the rule, move the running mean of the weights.
 * The order is that of Keras 3 (base_optimizer.py) and Caffe (sgd_solver.cpp).
 */
export function compose(type: OptimizerType, config: OptimizerConfig, kernels: Kernels): Optimizer {
  const { groups = [], ema } = config;
  const clipping = clippingOf(config.options, kernels);
  const members = membersOf(type, config, kernels);
  const [first] = members;
  const member = (group = 0): Member => members[group] ?? first;
  const own = ruleReduction(members, clipping);
  const ruleSlots = first.rule.slots;
  return {
    slots: [...ruleSlots, ...(ema === undefined ? [] : [{ name: "average" }])],
    ...(ema === undefined ? {} : { averaged: ruleSlots.length }),
    groups,
    whole: first.rule.whole === true,
    reductions: [clipping.reduction, own].filter((reduction) => reduction !== undefined),
    weightDecay: (group) => member(group).weightDecay,
    rate: (iteration, group) => member(group).rate(iteration),
    update(range) {
      const { rule } = member(range.group);
      shape(range, { rule, clipping, kernels });
      rule.step(range, own === undefined ? [] : (range.totals?.at(-1) ?? missingTotals()));
      if (ema !== undefined) moveAverage(ema, range, kernels);
    },
  };
}

const missingTotals = (): never => {
  throw internalError("an update needs sums that nobody made");
};

/** The rule of the optimizer's own options, then that of each group. */
function membersOf(
  type: OptimizerType,
  config: OptimizerConfig,
  kernels: Kernels,
): readonly [Member, ...(readonly Member[])] {
  const { options, learningRate, groups = [] } = config;
  const memberOf = (own: OptimizerConfig["options"], rate: (iteration: number) => number): Member => {
    const all = { ...type.defaults, ...options, ...own };
    return { rule: type.make(all, kernels), weightDecay: Number(all.weightDecay ?? 0), rate };
  };
  const first = memberOf({}, (iteration) => rateAt(learningRate, iteration));
  const rest = groups.map((group, index) => {
    const { learningRate: ownRate = learningRate, rateFactor = 1 } = group;
    const member = memberOf(groupOptions(group), (iteration) => rateAt(ownRate, iteration) * rateFactor);
    checkSlots(first.rule, member.rule, `optimizer ${config.type}, group ${index + 1}`);
    return member;
  });
  return [first, ...rest];
}

/** All variables share the slots' arrays, so a group may not need others. */
function checkSlots(first: UpdateRule, own: UpdateRule, where: string): void {
  const listed = ({ slots }: UpdateRule) =>
    slots.map(({ name, initial = 0 }: Slot) => (initial === 0 ? name : `${name} from ${initial}`)).join(", ") ||
    "nothing";
  if (listed(first) === listed(own)) return;
  const message = `${where}: its options keep ${listed(own)}, those of the optimizer ${listed(first)}`;
  const hint = "give the optimizer and its groups options that keep the same, such as a momentum in both or in none";
  throw new CompileError({ code: "OPTIMIZER_OPTION_INVALID", message, hint });
}

/** The reduction of the rules: that of a range's own group. */
function ruleReduction(members: readonly Member[], clipping: Clipping): Reduction | undefined {
  const reductions = members.map(({ rule }) => rule.reduction?.((range) => clipping.of(range)));
  const [first] = reductions;
  return first && { ...first, sum: (range) => (reductions[range.group ?? 0] ?? first).sum(range) };
}

interface Shaping {
  readonly rule: UpdateRule;
  readonly clipping: Clipping;
  readonly kernels: Kernels;
}

/** Clips the gradient and lets the weight decay come in. */
function shape(range: UpdateRange, { rule, clipping, kernels }: Shaping): void {
  const { weights, gradients, rate, decay } = range;
  const { scale, limit } = clipping.of(range);
  if (scale !== 1 || limit !== Infinity) kernels.clip({ gradients, scale, limit });
  if (decay === 0 || rule.decay === "own") return;
  if (rule.decay === "decoupled") kernels.scale(weights, weights, 1 - rate * decay);
  else kernels.penalise({ gradients, weights, decay, penalty: rule.decay });
}

/** Keras 3 base_optimizer.py: the first update makes the weights the mean; `overwriteFrequency` counts from it. */
function moveAverage(
  { momentum, overwriteFrequency }: Ema,
  { weights, slots, at }: UpdateRange,
  kernels: Kernels,
): void {
  const average = slots.at(-1);
  if (average === undefined) throw internalError("there is no slot for the running mean of the weights");
  kernels.average(average, weights, at.updates === 0 ? 0 : momentum);
  if (overwriteFrequency !== undefined && (at.updates + 1) % overwriteFrequency === 0) weights.set(average);
}
