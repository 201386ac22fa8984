import { join } from "node:path";
import { writeFilesAtomically } from "../../runtime/results/atomic-files.js";
import { reportDataOf, resultFiles } from "../../runtime/results/index.js";
import { defineCommand } from "../command.js";
import { resultTarget } from "../evaluate/options.js";
import { findResult } from "../evaluate/target.js";
import { exitCodes } from "../exit.js";
import { checkPageFile } from "../picture-files.js";
import { say, writeProduct } from "../ui.js";

/** Makes the page of a run from its result, without its model or data. */
export const report = defineCommand({
  describe: "Makes one HTML page of a training from its result: curves, times, options, the network.",
  target: resultTarget,
  options: {
    out: {
      kind: "file",
      placeholder: "FILE",
      alias: "o",
      describe: "where to; - is stdout",
      default: "report.html in the result folder, which is replaced",
    },
    force: { kind: "flag", describe: "write over a file of --out that is there" },
  },
  examples: [
    ["$0 report lenet-trained", "into lenet-trained/report.html"],
    ["$0 report my-lenet --out lenet.html", "of what a package trained, elsewhere"],
  ],
  async run({ target, options: { out, force = false } }) {
    if (out !== undefined) checkPageFile("--out", out, force);
    const result = await findResult(target);
    const { reportHtml } = await import("../../runtime/report/index.js");
    const page = reportHtml(reportDataOf(result));
    if (out === "-") writeProduct(page);
    else {
      const file = out ?? join(result.directory, resultFiles.report);
      await writeFilesAtomically([{ path: file, chunks: [Buffer.from(page)] }]);
      say(`wrote ${file}`);
    }
    return exitCodes.done;
  },
});
