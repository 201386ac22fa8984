import { relative, sep } from "node:path";
import type { ConvertOptions, TargetName } from "../../generators/targets/index.js";
import type { ByInput } from "../../runtime/data/by-input.js";

/** How near a number has to be to the stored one: |found − stored| ≤ absolute + relative · |stored|. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/** How a model is checked: defaults, and what the regress.json files of its folders say. */
export interface RegressSettings {
  readonly inputShape?: ByInput<readonly number[]>;
  /** The rows to learn from, `steps` times; absent: made from the seed. */
  readonly data?: string;
  readonly labels?: string;
  /** Updates; 0: the model is not trained. */
  readonly steps: number;
  readonly k: number;
  /** Rows of one worker in an update. */
  readonly batchsize: number;
  readonly seed: number;
  readonly tolerance: Tolerance;
  readonly targets: readonly TargetName[];
  readonly convert: ConvertOptions;
}

/**
 * Where nothing else is said. Two workers and 16 rows pass every part of the protocol and are quick. The tolerance: other
 * processors sum float32 products in another order. For LeNet and cifar10_quick another order (one worker with all rows)
 * moves no number by more than 3·10⁻⁷ of its size, a wrong gradient or default by 10⁻² and more. The absolute part is the
 * step between float32 numbers near 1, for weights that hardly move.
 */
export const regressDefaults = {
  steps: 5,
  k: 2,
  batchsize: 8,
  seed: 0,
  tolerance: { relative: 1e-4, absolute: 1e-7 },
  targets: ["typescript"],
  convert: { runtime: "*" },
} as const satisfies RegressSettings;

/** A path as it is seen from a folder, with `/` on every system and nothing before it. */
export function pathFrom(directory: string, file: string): string {
  return relative(directory, file).split(sep).join("/");
}
