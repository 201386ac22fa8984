import { dirname } from "node:path";
import { checkWritable } from "../../runtime/directories.js";
import { writeFilesAtomically } from "../../runtime/results/atomic-files.js";
import { failureLine } from "../../runtime/script/errors.js";
import { watchInterrupts } from "../../runtime/script/interrupts.js";
import { defineCommand } from "../command.js";
import { exitCodes } from "../exit.js";
import { junitXml } from "../regress/junit.js";
import { formatReport } from "../regress/report.js";
import { regressFolder } from "../regress/run.js";
import { regressDefaults } from "../regress/settings.js";
import { say, writeProduct } from "../ui.js";

const defaultTimeout = 120;

const exitStatus = { passed: exitCodes.done, failed: exitCodes.stale, interrupted: exitCodes.interrupted } as const;

/** Checks the models of a folder against what is stored of them. */
export const regress = defineCommand({
  describe: "Checks that every model of a folder still imports, prints and learns as it is stored.",
  target: { name: "DIR", describe: "a folder of models; what is stored of them is in DIR/.regress" },
  options: {
    update: { kind: "flag", describe: "store what is found now, in place of what is stored" },
    only: { kind: "text", placeholder: "NAME", describe: "only models whose path in DIR holds NAME" },
    timeout: {
      kind: "number",
      above: 0,
      below: 1_000_000,
      describe: "seconds that the training of one model may take",
      default: `${defaultTimeout}`,
    },
    json: { kind: "flag", describe: "print one JSON object in place of the table" },
    junit: { kind: "file", placeholder: "FILE", describe: "write JUnit XML there, for CI systems" },
  },
  epilogue:
    `A model is converted, and trained for ${regressDefaults.steps} updates on rows made from a seed; a regress.json in ` +
    "DIR, or beside a model, names other rows and settings. Exit status: 0 all as stored, 1 a difference or a model " +
    "without a record, 2 wrong usage.",
  examples: [
    ["$0 regress models --update", "store how the models are now"],
    ["$0 regress models --junit regress.xml", "in CI: is everything as it was?"],
    ["$0 regress models --only lenet", "one of them"],
  ],
  failure: failureLine,
  async run({ target: directory, options }) {
    const { update = false, timeout = defaultTimeout, only, json = false, junit } = options;
    if (junit !== undefined) checkWritable(dirname(junit));
    const interrupts = watchInterrupts(say);
    interrupts.begin();
    try {
      const report = await regressFolder({
        directory,
        update,
        timeout,
        ...(only === undefined ? {} : { only }),
        signal: interrupts.signal,
        onModel: (name, index, count) => say(`${index + 1}/${count}  ${name}`),
      });
      if (junit !== undefined && report.status !== "interrupted") {
        await writeFilesAtomically([{ path: junit, chunks: [Buffer.from(junitXml(report))] }]);
      }
      writeProduct(json ? JSON.stringify(report) : formatReport(report));
      return exitStatus[report.status];
    } finally {
      interrupts.release();
    }
  },
});
