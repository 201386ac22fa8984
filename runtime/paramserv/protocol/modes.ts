/** The mode table: where the workers run. `paramserv()` has a runner for each. */
export const modes = {
  LOCAL: "as threads over shared memory",
} as const satisfies Record<string, string>;

export type ModeName = keyof typeof modes;
