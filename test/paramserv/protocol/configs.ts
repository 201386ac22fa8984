import { frequencies } from "../../../runtime/paramserv/protocol/frequencies.js";
import type { ProtocolConfig, SlotPlan } from "../../../runtime/paramserv/protocol/types.js";
import { random } from "../../../runtime/random.js";

const strategies = ["BSP", "ASP", "SSP", "SBP", "HOGWILD"] as const;

/** Two slots with unequal pushes, no validation, no deadlines. */
export const two: ProtocolConfig = {
  strategy: "BSP",
  aggregation: "mean",
  epochs: 1,
  plans: [
    { rows: 3, batchsize: 1, rowsPerPush: 1 },
    { rows: 2, batchsize: 1, rowsPerPush: 1 },
  ],
  staleness: 0,
  backups: 0,
  validate: false,
  splitUpdates: true,
  phases: 1,
  deadlines: { join: null, work: null, silence: null },
  attempts: 3,
};

/** A configuration for a seed: ragged and unequal slots under any strategy and frequency. */
export function configOf(seed: number, strategy = strategies[seed % strategies.length] ?? "BSP"): ProtocolConfig {
  const draw = random(seed, "config");
  const plans = Array.from({ length: 1 + draw.int(5) }, (): SlotPlan => {
    const [rows, batchsize] = [1 + draw.int(20), 1 + draw.int(6)];
    const name = (["BATCH", "NBATCHES", "EPOCH"] as const)[draw.int(3)] ?? "BATCH";
    return { rows, batchsize, rowsPerPush: frequencies[name]({ rows, batchsize, nbatches: 2 }) };
  });
  const unit = draw.int(2) === 0 ? "epoch" : "update";
  return {
    strategy,
    aggregation: draw.int(2) === 0 ? "mean" : "sum",
    epochs: 1 + draw.int(3),
    plans,
    staleness: draw.int(4),
    backups: draw.int(3),
    validate: draw.int(2) === 0,
    ...(draw.int(2) === 0 && { checkpoint: { every: 1 + draw.int(3), unit } }),
    splitUpdates: draw.int(4) > 0,
    phases: 1 + draw.int(2),
    deadlines: { join: 100, work: 500, silence: 60 },
    attempts: 1000,
  };
}
