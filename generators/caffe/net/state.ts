import type { Message } from "../../source/prototxt/message.js";
import type { LayerDefinition } from "./definition.js";

/** What a net is instantiated for (caffe.proto, NetState). */
export interface NetState {
  readonly phase: "TRAIN" | "TEST";
  readonly level: number;
  readonly stages: readonly string[];
}

/**
 * The state of a net of a solver: the phase, merged with the net's own `state` and the solver's `train_state` or
 * `test_state`, later ones winning, stages adding up (BVLC/caffe src/caffe/solver.cpp, InitTrainNet and InitTestNets).
 */
export function mergeStates(phase: NetState["phase"], messages: readonly (Message | undefined)[]): NetState {
  const state = { phase, level: 0, stages: [] as string[] };
  for (const message of messages) {
    if (message?.has("level")) state.level = message.number("level");
    state.stages.push(...(message?.texts("stage") ?? []));
  }
  return state;
}

/** All conditions that a rule gives must hold; a rule without any always does (caffe.proto, NetStateRule). */
function holds(rule: Message, state: NetState): boolean {
  if (rule.has("phase") && rule.text("phase") !== state.phase) return false;
  if (rule.has("min_level") && state.level < rule.number("min_level")) return false;
  if (rule.has("max_level") && state.level > rule.number("max_level")) return false;
  if (!rule.texts("stage").every((stage) => state.stages.includes(stage))) return false;
  return !rule.texts("not_stage").some((stage) => state.stages.includes(stage));
}

/** Whether a layer is part of the net in this state (BVLC/caffe src/caffe/net.cpp, FilterNet). */
export function isIncluded({ include, exclude }: LayerDefinition, state: NetState): boolean {
  if (include.length > 0) return include.some((rule) => holds(rule, state));
  return !exclude.some((rule) => holds(rule, state));
}
