import type { Job } from "./job.js";
import { runLocally } from "./local/run.js";
import type { ParamservResult } from "./types.js";

/** The mode table: where the workers run. LOCAL: threads of this process over shared memory. */
export const modes = { LOCAL: runLocally } as const satisfies Record<string, (job: Job) => Promise<ParamservResult>>;

export type ModeName = keyof typeof modes;
