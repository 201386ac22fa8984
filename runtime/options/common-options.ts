import type { OptionTable } from "./row.js";

const group = "General";

/** What every command and every training script takes. */
export const commonRows = {
  help: { kind: "flag", alias: "h", describe: "show this help", group },
  debug: { kind: "flag", describe: "print the stack of an error", group },
} as const satisfies OptionTable;
