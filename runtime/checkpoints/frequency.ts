/** When a captured snapshot is saved: after every so many epochs, or updates. What the protocol is configured with. */
export interface CheckpointFrequency {
  readonly every: number;
  readonly unit: "epoch" | "update";
}

/** The names of `checkpointing`, those of Apache SystemDS; a number is one of updates. */
export const checkpointings = {
  NONE: undefined,
  EPOCH: { every: 1, unit: "epoch" },
  EPOCH10: { every: 10, unit: "epoch" },
} as const satisfies Readonly<Record<string, CheckpointFrequency | undefined>>;

/** A name of {@link checkpointings}, or a number of updates. */
export type Checkpointing = keyof typeof checkpointings | number;

/** Undefined where no checkpoints are written. */
export function checkpointFrequency(checkpointing: Checkpointing): CheckpointFrequency | undefined {
  return typeof checkpointing === "number" ? { every: checkpointing, unit: "update" } : checkpointings[checkpointing];
}
