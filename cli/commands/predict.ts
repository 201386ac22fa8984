import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { rowsOf } from "../../runtime/data/types.js";
import { checkWritable } from "../../runtime/directories.js";
import { type Problem, UsageError } from "../../runtime/errors.js";
import { formatNumberOf } from "../../runtime/report/format.js";
import { writeFilesAtomically } from "../../runtime/results/atomic-files.js";
import { defineCommand } from "../command.js";
import { loadRows } from "../evaluate/load-rows.js";
import { resultTarget, rowOptions } from "../evaluate/options.js";
import { findResult } from "../evaluate/target.js";
import { exitCodes } from "../exit.js";
import { csvTable } from "../predict/csv-table.js";
import { npzArrays, npzFile } from "../predict/npz-file.js";
import { predictRows } from "../predict/predict-rows.js";
import { say, writeProduct } from "../ui.js";

const { labels: _file, label: _names, ...inputOptions } = rowOptions;

/** What is wrong with the file to be written. */
function outProblem(out: string, force: boolean): Problem | undefined {
  if (!/\.(npz|csv)$/i.test(out)) {
    const message = `found ${JSON.stringify(out)}, expected a file that ends in .npz or .csv`;
    return { code: "CLI_OPTION_INVALID", at: { path: "--out" }, message };
  }
  if (force || !existsSync(out)) return undefined;
  const hint = "choose another file, or --force to write over this one";
  return { code: "CLI_OUTPUT_EXISTS", at: { file: out }, message: "it exists already, expected a new file", hint };
}

/** Writes what a trained network says of rows. */
export const predict = defineCommand({
  describe: "Runs rows through a trained network and writes what it puts out, row by row.",
  target: resultTarget,
  options: {
    ...inputOptions,
    out: { kind: "file", placeholder: "FILE", alias: "o", required: true, describe: "file to write: .npz or .csv" },
    top: {
      kind: "integer",
      min: 1,
      describe: "the best classes of outputs with scores: by name in .csv, in place of all scores; as NAME_top in .npz",
      default: "all scores only",
    },
    force: { kind: "flag", describe: "write over a file that exists" },
  },
  examples: [
    ["$0 predict lenet-trained --data new.npz --out scores.npz", "an array for each output"],
    ["$0 predict lenet-trained --data new.npz --out best.csv --top 3", "the three best classes of each row"],
    ["$0 predict flowers --data f.csv --label-column kind --out p.csv", "a table whose labels are not looked at"],
  ],
  epilogue: "Rows need no labels. They are prepared as those were that the network was trained on.",
  async run({ target, options }) {
    const { out, top, force = false } = options;
    const problem = outProblem(out, force);
    if (problem !== undefined) throw new UsageError(problem);
    checkWritable(dirname(out));
    const result = await findResult(target);
    const dataset = await loadRows(result, options, { labels: false });
    const outputs = await predictRows(result, dataset);
    const isTable = /\.csv$/i.test(out);
    const chunks = isTable ? csvTable(result, outputs, top) : [npzFile(npzArrays(outputs, top))];
    await writeFilesAtomically([{ path: out, chunks }]);
    say(`predicted ${formatNumberOf(rowsOf(dataset), "row")}: ${[...outputs.keys()].join(", ")}`);
    writeProduct(out);
    return exitCodes.done;
  },
});
