import type { RunOptionTable } from "./run-row.js";

const group = "Output";
const places = ["train", "package"] as const;

/** Where the result goes, and what is shown on the way. */
export const outputRows = {
  out: {
    kind: "directory",
    placeholder: "DIR",
    alias: "o",
    describe: "directory for the trained network",
    default: "./NAME-trained, NAME being the model's; ./result in a package",
    group,
    in: places,
  },
  force: { kind: "flag", describe: "write into a directory that is not empty", group, in: places },
  "log-dir": {
    kind: "directory",
    placeholder: "DIR",
    describe: "directory for TensorBoard's event files of the run",
    group,
    in: places,
  },
  report: {
    kind: "flag",
    describe: "write report.html into the result, the run as a page for a browser; --no-report leaves it out",
    default: "written",
    group,
    in: places,
  },
  json: { kind: "flag", describe: "one JSON event a line on stdout, nothing else there", group, in: places },
  stats: { kind: "flag", describe: "say at the end where the workers' time went", group, in: places },
} as const satisfies RunOptionTable;
