import { checkpointings } from "../checkpoints/frequency.js";
import { defaultKeep } from "../checkpoints/store.js";
import type { RunOptionTable } from "./run-row.js";

const group = "Checkpoints";
const everywhere = ["paramserv", "train", "package", "convert"] as const;

/** When a run saves what it is, and how it goes on from there. The names are Apache SystemDS', where they do nothing. */
export const checkpointRows = {
  checkpointing: {
    kind: "choice",
    choices: Object.keys(checkpointings) as unknown as readonly Extract<keyof typeof checkpointings, string>[],
    orCount: "updates",
    builtin: "NONE",
    fallback: "NONE",
    describe: "when a checkpoint is written: after each epoch, every tenth, or every N updates",
    group,
    in: everywhere,
  },
  "keep-checkpoints": {
    kind: "integer",
    min: 1,
    builtin: defaultKeep,
    fallback: defaultKeep,
    describe: "how many of the newest checkpoints stay",
    group,
    in: everywhere,
  },
  best: {
    kind: "text",
    placeholder: "METRIC",
    describe:
      "keep the best weights by a mean of the validation (validation.accuracy; NAME:min or NAME:max), and return them",
    default: "the last weights",
    needs: "checkpointing",
    group,
    in: everywhere,
  },
  resume: {
    kind: "directory",
    placeholder: "DIR",
    describe: "go on with the run whose checkpoints are in DIR; --epochs may make it longer",
    default: "a new run",
    excludes: "out",
    group,
    in: ["paramserv", "train", "package"],
  },
  checkpoints: {
    kind: "directory",
    placeholder: "DIR",
    describe: "where checkpoints are written",
    default: "that of resume; of train and packages: checkpoints in the directory of the result",
    group,
    in: ["paramserv"],
  },
  "replace-checkpoints": {
    kind: "flag",
    builtin: false,
    describe: "a new run may take the place of another's checkpoints; for train and packages: --force",
    group,
    in: ["paramserv"],
  },
} as const satisfies RunOptionTable;
