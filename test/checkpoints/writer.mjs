// Writes checkpoints to a directory as fast as it can, each of other values, until it is killed. Goes on where it stopped.
import { openCheckpoints } from "../../dist/runtime/checkpoints/index.js";

const [directory = ""] = process.argv.slice(2);
const length = 50_000;
const memory = new SharedArrayBuffer(2 * length * Float32Array.BYTES_PER_ELEMENT);
const weights = new Float32Array(memory, 0, length);
const history = new Float32Array(memory, length * Float32Array.BYTES_PER_ELEMENT, length);
const options = {
  directory,
  keep: 2,
  best: { metric: "accuracy", mode: "max" },
  run: { network: "loop", options: { epochs: 1e9 }, data: { training: { rows: 1, columns: {} } } },
  arrays: new Map([
    ["w", [length]],
    ["optimizer/history/w", [length]],
  ]),
};
const isNew = process.argv[3] === "new";
const checkpoints = await openCheckpoints(isNew ? options : { ...options, resume: directory });
const start = checkpoints.resume?.manifest.version ?? 0;
process.stdout.write(`from ${start}\n`);
for (let version = start + 1; ; version++) {
  weights.fill(version);
  history.fill(-version);
  await checkpoints.write({
    ...{ version, epoch: version, protocol: { version }, statistics: { version } },
    weights: { w: { shape: [length], data: weights } },
    slots: { history: { w: { shape: [length], data: history } } },
  });
  await checkpoints.validated(version, version, { accuracy: (version * 7) % 101 });
  process.stdout.write(`wrote ${version}\n`);
}
