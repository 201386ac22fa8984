import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { defineCommand } from "../command.js";
import { exitCodes } from "../exit.js";
import { freshComments } from "../shapes/comments.js";
import { recordModel } from "../shapes/record.js";
import { type Compiler, readSource } from "../shapes/source.js";
import { compilePackage } from "../train/package-run.js";
import { say } from "../ui.js";

/** How many lines two texts of as many lines differ in; a wrapped comment may have more. */
function changedLines(before: string, after: string): number {
  const lines = new Set(before.split("\n"));
  return after.split("\n").filter((line) => !lines.has(line)).length;
}

const linesText = (count: number): string => `${count} ${count === 1 ? "line" : "lines"}`;

/** Prints the comments on shapes and parameters in a package's model.ts again. */
export const shapes = defineCommand({
  describe: "Prints the shapes above the layers of a package's model.ts again, as they are now.",
  target: { name: "PACKAGE_DIR", describe: "the directory of a training package, after npm install" },
  options: {
    check: { kind: "flag", describe: "change nothing; exit with 1 if a comment is not true any more" },
  },
  examples: [
    ["$0 shapes ./my-lenet", "after layers were changed; npm run shapes in the package does the same"],
    ["$0 shapes ./my-lenet --check", "for tests"],
  ],
  epilogue:
    "A comment is printed again if it is directly above `const x = layer(…)` and begins with a shape, or is `// ?`. " +
    "What follows the shape and the number of parameters stays, and so does every other line.",
  async run({ target, options }) {
    if (!(await compilePackage(target))) return exitCodes.interrupted;
    const compiler: Compiler = createRequire(resolve(target, "package.json"))("typescript");
    const file = join(target, "model.ts");
    const before = readFileSync(file, "utf8");
    const source = readSource(compiler, before);
    const after = freshComments(before, source, await recordModel(target, before, source, compiler));
    if (after === before) {
      say(`${file}: all comments on shapes are true`);
      return exitCodes.done;
    }
    const lines = linesText(changedLines(before, after));
    if (options.check) {
      say(`${file}: ${lines} of comments would change; paramserv shapes ${target} prints them again`);
      return exitCodes.stale;
    }
    writeFileSync(file, after);
    say(`${file}: ${lines} of comments printed again`);
    return exitCodes.done;
  },
});
