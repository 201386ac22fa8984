import type { LoadedCheckpoint, RunIdentity, Snapshot } from "../../runtime/checkpoints/index.js";

export const run: RunIdentity = {
  network: "n",
  program: "a".repeat(64),
  options: { utype: "BSP", epochs: 4, k: 2, agg: { type: "sgd", options: { momentum: 0.9 } } },
  data: { training: { rows: 10, columns: { "features/data": "b".repeat(64) } } },
};

const shapes = { "conv1.weight": [3, 2, 5], "conv1.bias": [3], scalar: [] } as const;

export const arrays: ReadonlyMap<string, readonly number[]> = new Map(
  Object.entries(shapes).flatMap(([name, shape]) => [
    [name, shape],
    [`optimizer/history/${name}`, shape],
  ]),
);

const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
const memory = new SharedArrayBuffer(4096);

/** Of each number of updates other values, in shared memory, as a server has them. */
export function snapshotOf(version: number, epoch = version): Snapshot {
  let at = 0;
  const filled = (value: number) =>
    Object.fromEntries(
      Object.entries(shapes).map(([name, shape], index) => {
        const data = new Float32Array(memory, at, sizeOf(shape));
        at += data.byteLength;
        return [name, { shape, data: data.fill(value + index / 4) }];
      }),
    );
  return {
    version,
    epoch,
    protocol: { rounds: [version, version], status: "running" },
    statistics: { loss: { sum: 0.1 * version, weight: Number.NaN }, none: -0 },
    weights: filled(version),
    slots: { history: filled(-version) },
  };
}

/** The number of updates of a checkpoint all of whose parts are of that one; fails where any is of another. */
export async function wholeVersion({ manifest, arrays: found, read }: LoadedCheckpoint): Promise<number> {
  const { version } = manifest;
  const expected = snapshotOf(version, manifest.epoch);
  const wrong: string[] = [];
  for (const [prefix, group] of [
    ["", expected.weights] as const,
    ["optimizer/history/", expected.slots.history ?? {}] as const,
  ]) {
    for (const [name, { shape, data }] of Object.entries(group)) {
      const into = new Float32Array(data.length);
      await read(`${prefix}${name}`, into);
      if (String(into) !== String(data) || String(found.get(`${prefix}${name}`)) !== String(shape)) wrong.push(name);
    }
  }
  const states = JSON.stringify([manifest.protocol, manifest.statistics]);
  if (states !== JSON.stringify([expected.protocol, expected.statistics])) wrong.push("the states");
  if (found.size !== 2 * Object.keys(shapes).length) wrong.push("the number of arrays");
  if (wrong.length > 0) throw new Error(`checkpoint ${version} is not whole: ${wrong.join(", ")}`);
  return version;
}
