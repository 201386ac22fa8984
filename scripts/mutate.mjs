/**
 * Breaks operator rules on purpose, one change at a time in a copy of the tree, and says which changes no test noticed.
 *
 *   npm run mutate -- --every 20            every twentieth change
 *   npm run mutate -- --only conv,pool      files whose name holds one of these
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = "runtime/graph/operators";
/** What other operator stands for an operator. */
const operators = {
  Add: "Sub",
  Sub: "Add",
  Mul: "Add",
  Div: "Mul",
  Neg: "Identity",
  Greater: "Less",
  GreaterOrEqual: "Greater",
  Less: "Greater",
  LessOrEqual: "Less",
  And: "Or",
  Or: "And",
  Not: "Identity",
  Min: "Max",
  Max: "Min",
  Exp: "Identity",
  Sign: "Identity",
  ReduceSum: "ReduceMean",
  Transpose: "Identity",
};
/** Pieces of code and what stands in their place. */
const pieces = [
  [" + ", " - "],
  [" - ", " + "],
  [" * ", " / "],
  [" && ", " || "],
  [" || ", " && "],
  [" === ", " !== "],
  [" !== ", " === "],
  [" < ", " <= "],
  [" > ", " >= "],
  [" <= ", " < "],
  [" >= ", " > "],
  ["Math.max", "Math.min"],
  ["Math.ceil", "Math.floor"],
  ["padsBefore", "padsAfter"],
  ["dilations", "strides"],
];

/** All changes of one file: the line, and what it becomes. */
function changesOf(text) {
  const changes = [];
  for (const [row, line] of text.split("\n").entries()) {
    if (/^\s*(import|export type|type |interface |\/\/|\/?\*|doc:|readonly )|=> \{?$|\.fail\(|n\.fail/.test(line))
      continue;
    const change = (at, length, by) => changes.push({ row, to: line.slice(0, at) + by + line.slice(at + length) });
    for (const { index, 1: op } of line.matchAll(/\.op\("(\w+)"/g)) {
      if (operators[op]) change(index + 5, op.length, operators[op]);
    }
    // Texts are not code.
    const code = line.replace(/"[^"]*"|`[^`]*`/g, (quoted) => " ".repeat(quoted.length));
    // A number behind ?? only satisfies the compiler.
    for (const { index, 0: number } of code.matchAll(/(?<!\?\? |[\w.])\d+(?![\w.])/g)) {
      change(index, number.length, `${Number(number) + 1}`);
    }
    for (const [from, by] of pieces) {
      for (let at = code.indexOf(from); at >= 0; at = code.indexOf(from, at + 1)) change(at, from.length, by);
    }
  }
  return changes;
}

/** Whether the tests of graphs notice what the tree now is. */
function noticed(tree) {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const run = spawnSync(process.execPath, [vitest, "run", "--bail", "1", "test/graph"], {
    cwd: tree,
    stdio: "ignore",
    timeout: 300_000,
    killSignal: "SIGKILL",
  });
  return run.status !== 0;
}

const { values } = parseArgs({
  options: { every: { type: "string", default: "20" }, only: { type: "string", default: "" } },
});
const wanted = values.only.split(",").filter((name) => name !== "");
const files = readdirSync(join(root, folder))
  .filter((file) => !["index.ts", "operator.ts", "typed.ts", "signature.ts"].includes(file))
  .filter((file) => wanted.length === 0 || wanted.some((name) => file.includes(name)));
const changes = files.flatMap((file) => {
  const text = readFileSync(join(root, folder, file), "utf8");
  return changesOf(text).map((change) => ({ file, text, ...change }));
});
const chosen = changes.filter((_, index) => index % Number(values.every) === 0);

const tree = mkdtempSync(join(tmpdir(), "paramserv-mutate-"));
try {
  for (const name of ["runtime", "test", "fixtures", "dist", "vitest.config.ts", "package.json", "tsconfig.json"]) {
    cpSync(join(root, name), join(tree, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
  if (noticed(tree)) throw new Error("the tests fail as they are");
  let caught = 0;
  for (const [index, { file, text, row, to }] of chosen.entries()) {
    const lines = text.split("\n");
    const from = lines[row];
    writeFileSync(join(tree, folder, file), lines.with(row, to).join("\n"));
    if (noticed(tree)) caught += 1;
    else console.log(`not noticed: ${folder}/${file}:${row + 1}\n  - ${from.trim()}\n  + ${to.trim()}`);
    writeFileSync(join(tree, folder, file), text);
    console.log(`${caught} of ${index + 1} caught, ${chosen.length - index - 1} to go`);
  }
  console.log(`${caught} of ${chosen.length} changes caught (${Math.round((100 * caught) / chosen.length)} %)`);
} finally {
  rmSync(tree, { recursive: true, force: true });
}
