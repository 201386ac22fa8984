import type { Settings } from "../../source/fields/field.js";
import type { LayerDefinition, StateRule } from "./definition.js";
import type { stateRules } from "./state-rules.js";

export type StateSettings = Settings<typeof stateRules.fields>;

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
export function mergeStates(phase: NetState["phase"], messages: readonly (StateSettings | undefined)[]): NetState {
  const state = { phase, level: 0, stages: [] as string[] };
  for (const message of messages) {
    if (message?.level !== undefined) state.level = message.level;
    state.stages.push(...(message?.stage ?? []));
  }
  return state;
}

/** All conditions that a rule gives must hold; a rule without any always does (caffe.proto, NetStateRule). */
function holds({ phase, min_level, max_level, stage, not_stage }: StateRule, state: NetState): boolean {
  if (phase !== undefined && phase !== state.phase) return false;
  if (min_level !== undefined && state.level < min_level) return false;
  if (max_level !== undefined && state.level > max_level) return false;
  if (!stage.every((name) => state.stages.includes(name))) return false;
  return !not_stage.some((name) => state.stages.includes(name));
}

/** Whether a layer is part of the net in this state (BVLC/caffe src/caffe/net.cpp, FilterNet). */
export function isIncluded({ include, exclude }: LayerDefinition, state: NetState): boolean {
  if (include.length > 0) return include.some((rule) => holds(rule, state));
  return !exclude.some((rule) => holds(rule, state));
}
