import { failureLine } from "../../runtime/script/errors.js";
import { defineCommand } from "../command.js";
import { evaluateRows } from "../evaluate/evaluate-rows.js";
import { loadRows } from "../evaluate/load-rows.js";
import { resultTarget, rowOptions } from "../evaluate/options.js";
import { evaluationEvent, formatEvaluation } from "../evaluate/report.js";
import { findResult } from "../evaluate/target.js";
import { exitCodes } from "../exit.js";
import { writeProduct } from "../ui.js";

/** Says how good a trained network is on rows with labels. */
export const evaluate = defineCommand({
  describe: "Says how good a trained network is: loss, metrics, figures of each class, which classes are mixed up.",
  target: resultTarget,
  options: {
    ...rowOptions,
    split: {
      kind: "flag",
      describe: "only the rows of the file that were held out in training; gives the figures of its last validation",
    },
    json: { kind: "flag", describe: "print one JSON object" },
  },
  examples: [
    ["$0 evaluate lenet-trained --data digits.npz", "all rows of a file"],
    ["$0 evaluate lenet-trained --data digits.npz --split", "those that were not learned from"],
    ["$0 evaluate my-lenet --data new.csv --json", "what a package trained, for programs"],
  ],
  epilogue:
    "The rows are prepared as those were that the network was trained on: resized, scaled, class names numbered. In the " +
    "tables of classes each label counts once, whatever it weighs in losses and metrics; labels that say none are left out.",
  failure: failureLine,
  async run({ target, options }) {
    const result = await findResult(target);
    const dataset = await loadRows(result, options, { labels: true });
    const evaluation = await evaluateRows(result, dataset);
    const text = options.json
      ? JSON.stringify(evaluationEvent(evaluation))
      : formatEvaluation(evaluation, result.record.network);
    writeProduct(text);
    return exitCodes.done;
  },
});
