import type { ByInput } from "../data/by-input.js";
import type { CodeValues } from "./row.js";
import type { OptionsIn, RunOptions } from "./table.js";

/** What a configuration file of `train` may hold; docs/options.md says what each option means. */
export type TrainConfig = CodeValues<OptionsIn<RunOptions, "train">> & {
  /** Shape of one sample, where the model file does not give it, or of each input by its name. */
  readonly inputShape?: ByInput<readonly number[]> | undefined;
};

/**
 * Gives the options of a `paramserv.config.ts` or `.js` their types; returns them as they are.
 *
 * @example export default defineConfig({ epochs: 20, learningRate: 0.05, utype: "ASP" });
 */
export function defineConfig(config: TrainConfig): TrainConfig {
  return config;
}
