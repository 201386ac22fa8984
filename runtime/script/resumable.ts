import { join } from "node:path";
import { checkpointFolder } from "../checkpoints/names.js";
import type { TrainingEvent } from "../paramserv/types.js";
import { discardLaunch } from "./launch.js";

interface Asked {
  readonly checkpointing?: unknown;
  readonly resume?: string | undefined;
  readonly force?: boolean | undefined;
}

/** Where a run whose result goes to a directory has its checkpoints: options of `paramserv()`. */
export function checkpointPlaces(out: string, { checkpointing = "NONE", resume, force }: Asked) {
  if (checkpointing === "NONE" && resume === undefined) return {};
  return { checkpoints: join(out, checkpointFolder), replaceCheckpoints: force === true && resume === undefined };
}

interface Noting {
  readonly directory: string;
  readonly asked: Asked;
  /** Notes how the run was started. */
  record(): void;
}

/**
 * Runs a training that can be gone on with: how it was started is noted when it has started, by when its checkpoints are
 * its own, and the note goes where no checkpoint was written.
 */
export async function withLaunchNote<Outcome>(
  { directory, asked, record }: Noting,
  onEvent: (event: TrainingEvent) => void,
  train: (onEvent: (event: TrainingEvent) => void) => Promise<Outcome>,
): Promise<Outcome> {
  if ((asked.checkpointing ?? "NONE") === "NONE") return train(onEvent);
  try {
    return await train((event) => {
      if (event.event === "start") record();
      onEvent(event);
    });
  } finally {
    discardLaunch(directory);
  }
}
