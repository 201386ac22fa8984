// From a Caffe solver file to a trained network, as a user would do it: inspects, converts and trains LeNet on the
// handwritten digits of fixtures/data, and fails if it does not learn them. Needs the build: npm run build
import { spawn } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const solver = "fixtures/models/lenet/lenet_solver.prototxt";
const data = "fixtures/data/digits.npz";
const output = "demo-output";
const wanted = 0.97;

/** Runs the command line, shown as it would be typed; resolves to what it wrote to stdout. */
function paramserv(...args) {
  console.log(`\n$ npx paramserv ${args.join(" ")}`);
  const child = spawn(process.execPath, [join(root, "dist/cli/bin.js"), ...args], {
    cwd: root,
    stdio: ["inherit", "pipe", "inherit"],
  });
  let written = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    written += text;
    process.stdout.write(text);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => {
      if (status === 0) return resolve(written);
      console.error(`\nthe demo stops: the command above ended with ${signal ?? `exit status ${status}`}`);
      process.exit(status ?? 1);
    });
  });
}

/** A Ctrl-C goes to the training as well, which saves what it has; the demo ends when the training has ended. */
process.on("SIGINT", () => undefined);

// Only what earlier demos made is removed.
for (const name of ["lenet", "trained"]) rmSync(join(root, output, name), { recursive: true, force: true });

const started = performance.now();
await paramserv("inspect", solver);
await paramserv("convert", solver, "--data", data, "-o", `${output}/lenet`);
const summary = await paramserv("train", solver, "--data", data, "--out", `${output}/trained`);

const seconds = ((performance.now() - started) / 1000).toFixed(1);
const accuracy = Number(/^ *val accuracy +(\S+)$/m.exec(summary)?.[1]);
const speed = /^ *speed +(.+)$/m.exec(summary)?.[1];
const files = readdirSync(join(root, output, "trained")).map((file) => `${output}/trained/${file}`);
console.log(`
Read, printed and trained in ${seconds} s: LeNet reads ${(accuracy * 100).toFixed(2)} % of the validation digits right.
  speed             ${speed}
  trained network   ${files.join(", ")}
  training package  ${output}/lenet: readable TypeScript, yours to edit

To train with the package by hand:
  cd ${output}/lenet && npm install && npm start`);

if (!(accuracy >= wanted)) {
  console.error(`\nthe demo failed: validation accuracy ${accuracy}, expected at least ${wanted}`);
  process.exit(1);
}
