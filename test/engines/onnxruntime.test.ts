import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import type { Batch, ScalarMean, Session } from "../../runtime/engines/engine.js";
import { engines, openEngine } from "../../runtime/engines/index.js";
import type { TrainingProgram } from "../../runtime/program/types.js";
import { problemsOf } from "../data/files.js";
import { leastSquares, typedFeeds } from "./tiny-program.js";

const open: Session[] = [];
async function opened(program: TrainingProgram = leastSquares(), threads?: number): Promise<Session> {
  const session = await openEngine("onnxruntime", program, threads === undefined ? {} : { threads });
  open.push(session);
  return session;
}
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
});

function batchOf(rows: number): Batch {
  const x = Float32Array.from({ length: rows * 3 }, (_, i) => ((i * 5) % 7) - 3);
  const y = Int32Array.from({ length: rows }, (_, i) => i % 4);
  const m = Float32Array.from({ length: rows * 3 }, (_, i) => (i % 2) * 2);
  const feeds = { x: { shape: [rows, 3], data: x }, y: { shape: [rows], data: y }, m: { shape: [rows, 3], data: m } };
  return { rows, feeds };
}

const meanOf = (mean: ScalarMean | undefined): number => (mean === undefined ? Number.NaN : mean.sum / mean.weight);

/** The same numbers in plain double arithmetic. */
function byHand(batch: Batch, w: readonly number[], b: number, masked: boolean) {
  const [x = [], y = [], m = []] = ["x", "y", "m"].map((name) => batch.feeds[name]?.data);
  const gradient = [0, 0, 0];
  let [loss, size] = [0, 0];
  for (let row = 0; row < batch.rows; row++) {
    const at = (i: number) => (x[row * 3 + i] ?? 0) * (masked ? (m[row * 3 + i] ?? 0) : 1);
    const diff = [0, 1, 2].reduce((sum, i) => sum + at(i) * (w[i] ?? 0), b) - (y[row] ?? 0);
    loss += diff ** 2 / batch.rows;
    size += Math.abs(diff) / batch.rows;
    for (const i of [0, 1, 2]) gradient[i] = (gradient[i] ?? 0) + (2 * diff * at(i)) / batch.rows;
  }
  return { loss, size, gradient };
}

describe("the onnxruntime engine", () => {
  it("computes loss, metrics and gradients for batches of any length, reading weights where they were written", async () => {
    const session = await opened();
    for (const [rows, w, b] of [
      [1, [0.5, -1, 2], 0.25],
      [7, [1, 2, 3], -1],
      [64, [-0.5, 0, 0.125], 0],
      [3, [1, 1, 1], 2],
    ] as const) {
      session.weights[32] = b;
      session.weights.set(w);
      const batch = batchOf(rows);
      const expected = byHand(batch, w, b, true);
      const result = await session.step(batch);
      expect(meanOf(result.loss)).toBeCloseTo(expected.loss, 4);
      expect(meanOf(result.size)).toBeCloseTo(expected.size, 4);
      expect([result.loss?.weight, result.size?.weight]).toEqual([rows, rows]);
      for (const i of [0, 1, 2]) expect(session.pushed[i]).toBeCloseTo(expected.gradient[i] ?? Number.NaN, 3);
    }
  });

  it("writes gradients and next states in place at their offsets and leaves padding at 0", async () => {
    const session = await opened();
    const { pushed } = session;
    expect(pushed.length).toBe(32);
    session.weights.set([1, 2, 3]);
    session.weights[16] = 100;
    await session.step(batchOf(5));
    expect(session.pushed).toBe(pushed);
    const touched = [...pushed].flatMap((value, index) => (value === 0 ? [] : [index]));
    expect(touched).toEqual([0, 1, 2, 16]);
    expect(pushed[16]).toBe(105);
    expect(session.weights[16]).toBe(100);
  });

  it("evaluates without masks and without touching what a step pushes", async () => {
    const session = await opened();
    session.weights.set([1, 2, 3]);
    const { rows, feeds } = batchOf(9);
    const { x, y } = feeds;
    if (x === undefined || y === undefined) throw new Error("no feeds");
    const expected = byHand(batchOf(9), [1, 2, 3], 0, false);
    const result = await session.evaluate({ rows, feeds: { x, y } });
    expect(meanOf(result.loss)).toBeCloseTo(expected.loss, 3);
    expect(session.pushed.every((value) => value === 0)).toBe(true);
  });

  it("keeps several sessions apart", async () => {
    const sessions = [await opened(), await opened(), await opened(leastSquares(), 2)];
    sessions.forEach((session, index) => {
      session.weights.fill(index + 1, 0, 3);
    });
    const results = await Promise.all(sessions.map((session) => session.step(batchOf(6))));
    results.forEach((result, index) => {
      const weight = index + 1;
      expect(meanOf(result.loss)).toBeCloseTo(byHand(batchOf(6), [weight, weight, weight], 0, true).loss, 3);
    });
  });

  it("reports everything that is wrong with a batch before native code sees it", async () => {
    const session = await opened();
    const x = { shape: [2, 3], data: new Float32Array(new SharedArrayBuffer(24)) };
    const floats = { shape: [2], data: new Float32Array(2) };
    expect(await problemsOf(session.step({ rows: 2, feeds: { x, y: floats, z: floats } }))).toEqual([
      'ENGINE_BATCH_INVALID program "least-squares": features "x" lies in shared memory, expected a private array to which the rows were copied',
      'ENGINE_BATCH_INVALID program "least-squares": labels "y" is Float32Array, expected Int32Array (int32) with its shape',
      'ENGINE_BATCH_INVALID program "least-squares": a batch has no mask "m"',
      'ENGINE_BATCH_INVALID program "least-squares": a batch brings "z", expected only "x", "y", "m"',
    ]);
    const { feeds } = batchOf(2);
    const y = { shape: [3], data: new Int32Array(3) };
    const short = { rows: 3, feeds: { ...feeds, y, m: { shape: [3, 3], data: new Float32Array(9) } } };
    expect(await problemsOf(session.step(short))).toEqual([
      'ENGINE_BATCH_INVALID program "least-squares": features "x" has 6 elements, expected 9 for 3 rows of shape [3]',
    ]);
    const flat = { rows: 2, feeds: { ...feeds, x: { shape: [6], data: new Float32Array(6) } } };
    expect(await problemsOf(session.step(flat))).toEqual([
      'ENGINE_BATCH_INVALID program "least-squares": features "x" has shape [6]: [6] has 1 axes, expected 2: [N,3]',
    ]);
    // What has no shape at all, as JavaScript may give it.
    const bare = { rows: 2, feeds: { ...feeds, x: new Float32Array(6) } } as unknown as Batch;
    expect((await problemsOf(session.step(bare)))[0]).toContain(
      'features "x" is Float32Array, expected Float32Array (float32) with its shape',
    );
    expect((await problemsOf(session.step({ rows: 0, feeds: {} })))[0]).toContain("has 0 rows");
  });

  it("names the program when its graph cannot be loaded, lacks an output or has a strange input", async () => {
    const program = leastSquares();
    const { step, evaluate } = program;
    const garbled = { ...program, step: { ...step, bytes: Uint8Array.of(1, 2, 3) } };
    expect((await problemsOf(opened(garbled)))[0]).toMatch(
      /^ENGINE_PROGRAM_INVALID program "least-squares": the step graph/,
    );
    const lacking = { ...program, step: { ...step, bytes: evaluate.bytes } };
    expect(await problemsOf(opened(lacking))).toEqual([
      'ENGINE_PROGRAM_INVALID program "least-squares": the step graph of "least-squares" has no input "in m", "in seen"',
    ]);
    const silent = { ...program, evaluate: { ...evaluate, outputs: step.outputs } };
    expect(await problemsOf(opened(silent))).toEqual([
      'ENGINE_PROGRAM_INVALID program "least-squares": the evaluate graph of "least-squares" has no output "out w", "out seen"',
    ]);
    const strange = { ...program, feeds: program.feeds.slice(0, 2) };
    expect((await problemsOf(opened(strange)))[0]).toContain('takes "in m", which is no variable or feed of it');
    const overflowing = { ...program, size: 32 };
    expect((await problemsOf(opened(overflowing)))[0]).toContain("does not fit a buffer of 32");
    const mixed = program.variables.map((one) => (one.role === "state" ? { ...one, offset: 4 } : one));
    expect((await problemsOf(opened({ ...program, variables: mixed })))[0]).toContain(
      'variable "seen" has 1 floats at 4 for shape [1], which does not fit a buffer of 48 with its state part from 16 to 32',
    );
    const misplaced = { ...program, trained: 0 };
    expect((await problemsOf(opened(misplaced)))[0]).toContain(
      'variable "w" has 3 floats at 0 for shape [3], which does not fit a buffer of 48 with its trained part from 0 to 0',
    );
  });

  it("refuses a program that leaves out a gradient, a state, a sum or a weight", async () => {
    const program = leastSquares();
    for (const [role, what] of [
      ["gradient", 'no gradient of "w"'],
      ["state", 'no state of "seen"'],
      ["sum", 'no sum of "loss"'],
      ["weight", 'no weight of "loss"'],
    ] as const) {
      const outputs = program.step.outputs.filter((bound) => bound.role !== role);
      const [problem] = await problemsOf(opened({ ...program, step: { ...program.step, outputs } }));
      expect(problem).toBe(
        `ENGINE_PROGRAM_INVALID program "least-squares": the step graph of "least-squares" has ${what}`,
      );
    }
  });

  it("refuses a program that was compiled for another target", async () => {
    expect(await problemsOf(opened({ ...leastSquares(), target: "blocks" }))).toEqual([
      'ENGINE_PROGRAM_INVALID program "least-squares": it was compiled for the target "blocks", expected "onnxruntime" for the engine "onnxruntime"',
    ]);
  });

  it("takes integers, flags and lengths that only the batch knows, and weighs rows", async () => {
    const session = await opened(typedFeeds());
    for (const [rows, length] of [
      [2, 3],
      [1, 5],
    ] as const) {
      const n = Int32Array.from({ length: rows * length }, (_, i) => i - 2);
      const b = Int32Array.from({ length: rows * length }, (_, i) => (i % 3 === 0 ? 0 : 7));
      const columns = { n: { shape: [rows, length], data: n }, b: { shape: [rows, length], data: b } };
      const chosen = n.reduce((sum, item, i) => sum + (b[i] === 0 ? 0 : item), 0);
      const kept = b.filter((flag) => flag !== 0).length;
      expect(await session.evaluate({ rows, feeds: columns })).toEqual({ loss: { sum: chosen, weight: kept } });
      const scale = { shape: [], data: Float32Array.of(0.5) };
      session.weights[0] = 4;
      expect(await session.step({ rows, feeds: { ...columns, scale } })).toEqual({
        loss: { sum: chosen / 2, weight: kept },
      });
      expect(session.pushed[0]).toBe(2 * chosen);
      const perRow = Array.from({ length: rows }, (_, row) => {
        return b.slice(row * length, (row + 1) * length).filter((flag) => flag !== 0).length;
      });
      const weighed = await session.weigh({ rows, feeds: { b: columns.b } });
      expect([...(weighed.loss ?? [])]).toEqual(perRow);
    }
  });

  it("refuses feeds whose lengths disagree, and a normalizer of several numbers", async () => {
    const session = await opened(typedFeeds());
    const array = (...shape: number[]) => ({ shape, data: new Int32Array(shape.reduce((a, b) => a * b, 1)) });
    const feeds = { n: array(2, 3), b: array(2, 4), scale: { shape: [2], data: new Float32Array(2) } };
    expect(await problemsOf(session.step({ rows: 2, feeds }))).toEqual([
      'ENGINE_BATCH_INVALID program "typed": features "b" has shape [2,4]: axis 1 is 4, expected T = 3',
      'ENGINE_BATCH_INVALID program "typed": normalizer "scale" has 2 elements, expected 1',
    ]);
    const rows = { n: array(3, 3), b: { shape: [2, 3], data: new Int32Array(5) } };
    expect(await problemsOf(session.evaluate({ rows: 2, feeds: rows }))).toEqual([
      'ENGINE_BATCH_INVALID program "typed": features "n" has shape [3,3]: axis 0 is 3, expected N = 2',
      'ENGINE_BATCH_INVALID program "typed": features "b" has 5 elements, expected 6 for its shape [2,3]',
    ]);
  });

  it("says that there is nothing to weigh where all rows weigh the same", async () => {
    const session = await opened();
    expect(await problemsOf(session.weigh(batchOf(2)))).toEqual([
      'ENGINE_PROGRAM_INVALID program "least-squares": it has no weigh graph: all rows weigh the same',
    ]);
  });

  it("wraps what native code throws and stays usable", async () => {
    const program = leastSquares();
    const session = await opened({
      ...program,
      feeds: program.feeds.map((feed) => (feed.kind === "mask" ? { ...feed, shape: [4] } : feed)),
    });
    const bad = { rows: 2, feeds: { ...batchOf(2).feeds, m: { shape: [2, 4], data: new Float32Array(8) } } };
    const [problem] = await problemsOf(session.step(bad));
    expect(problem).toMatch(
      /^ENGINE_RUN_FAILED the step graph of "least-squares" failed on a batch of 2 rows: Got invalid/,
    );
    expect((await session.evaluate(batchOf(2))).loss?.sum).toBeGreaterThan(0);
  });

  it("refuses to run after close, and closes twice without harm", async () => {
    const session = await opened();
    await session.close();
    await session.close();
    expect(await problemsOf(session.step(batchOf(1)))).toEqual([
      'ENGINE_CLOSED the session of "least-squares" is closed',
    ]);
  });

  it("is found by name; an unknown name lists the known", async () => {
    expect(Object.entries(engines).map(([name, engine]) => name === engine.name)).toEqual([true]);
    expect(await problemsOf(openEngine("tfjs", leastSquares()))).toEqual([
      'ENGINE_UNKNOWN found engine "tfjs", expected one of "onnxruntime"',
    ]);
    expect((await problemsOf(openEngine("constructor", leastSquares())))[0]).toContain("ENGINE_UNKNOWN");
  });

  it("runs in worker threads, each with its own session", async () => {
    const engine = new URL("../../dist/runtime/engines/index.js", import.meta.url).href;
    const code = `
      const { parentPort, workerData } = require("node:worker_threads");
      import(${JSON.stringify(engine)}).then(async ({ openEngine }) => {
        const session = await openEngine("onnxruntime", workerData.program);
        session.weights.fill(workerData.weight, 0, 3);
        const result = await session.step(workerData.batch);
        parentPort.postMessage({ loss: result.loss.sum / result.loss.weight, gradients: session.pushed });
        await session.close();
      });`;
    const outcomes = await Promise.all(
      [1, 2].map(
        (weight) =>
          new Promise<{ loss: number; gradients: Float32Array }>((resolve, reject) => {
            const workerData = { program: leastSquares(), batch: batchOf(8), weight };
            const worker = new Worker(code, { eval: true, workerData });
            worker.once("message", resolve).once("error", reject);
          }),
      ),
    );
    outcomes.forEach(({ loss, gradients }, index) => {
      const expected = byHand(batchOf(8), [index + 1, index + 1, index + 1], 0, true);
      expect(loss).toBeCloseTo(expected.loss, 3);
      expect(gradients[1]).toBeCloseTo(expected.gradient[1] ?? Number.NaN, 3);
    });
  });
});
