import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import type { Batch, Session } from "../../runtime/engines/engine.js";
import { engines, openEngine } from "../../runtime/engines/index.js";
import { isBaseError } from "../../runtime/errors.js";
import { dense, input, label, model, softmaxCrossEntropy, tanh } from "../../runtime/layers/index.js";
import { compile, initialWeights } from "../../runtime/program/index.js";
import type { TrainingProgram } from "../../runtime/program/types.js";
import { leastSquares } from "./tiny-program.js";

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
  return { rows, feeds: { x, y, m } };
}

/** The same numbers in plain double arithmetic. */
function byHand(batch: Batch, w: readonly number[], b: number, masked: boolean) {
  const { x, y, m } = batch.feeds as { x: Float32Array; y: Int32Array; m: Float32Array };
  const gradient = [0, 0, 0];
  let [loss, worst] = [0, 0];
  for (let row = 0; row < batch.rows; row++) {
    const at = (i: number) => (x[row * 3 + i] ?? 0) * (masked ? (m[row * 3 + i] ?? 0) : 1);
    const diff = [0, 1, 2].reduce((sum, i) => sum + at(i) * (w[i] ?? 0), b) - (y[row] ?? 0);
    loss += diff ** 2 / batch.rows;
    worst = Math.max(worst, Math.abs(diff));
    for (const i of [0, 1, 2]) gradient[i] = (gradient[i] ?? 0) + (2 * diff * at(i)) / batch.rows;
  }
  return { loss, worst, gradient };
}

async function problemsOf(action: Promise<unknown>): Promise<readonly string[]> {
  const error = await action.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isBaseError(error)) throw new Error(`expected a BaseError, found ${String(error)}`);
  return error.problems.map(({ code, message }) => `${code} ${message}`);
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
      session.weights[0] = b;
      session.weights.set(w, 16);
      const batch = batchOf(rows);
      const expected = byHand(batch, w, b, true);
      const result = await session.step(batch);
      expect(result.loss).toBeCloseTo(expected.loss, 4);
      expect(result.worst).toBeCloseTo(expected.worst, 4);
      for (const i of [0, 1, 2]) expect(session.gradients[16 + i]).toBeCloseTo(expected.gradient[i] ?? Number.NaN, 3);
    }
  });

  it("writes gradients in place at their offsets and leaves frozen parameters and padding at 0", async () => {
    const session = await opened();
    const { gradients } = session;
    session.weights.set([1, 2, 3], 16);
    await session.step(batchOf(5));
    expect(session.gradients).toBe(gradients);
    const touched = [...gradients].flatMap((value, index) => (value === 0 ? [] : [index]));
    expect(touched).toEqual([16, 17, 18]);
  });

  it("evaluates without masks and without touching the gradients", async () => {
    const session = await opened();
    session.weights.set([1, 2, 3], 16);
    const { rows, feeds } = batchOf(9);
    const { x, y } = feeds;
    if (x === undefined || y === undefined) throw new Error("no feeds");
    const expected = byHand(batchOf(9), [1, 2, 3], 0, false);
    const result = await session.evaluate({ rows, feeds: { x, y } });
    expect(result.loss).toBeCloseTo(expected.loss, 3);
    expect(session.gradients.every((value) => value === 0)).toBe(true);
  });

  it("keeps several sessions apart", async () => {
    const sessions = [await opened(), await opened(), await opened(leastSquares(), 2)];
    sessions.forEach((session, index) => {
      session.weights.fill(index + 1, 16, 19);
    });
    const results = await Promise.all(sessions.map((session) => session.step(batchOf(6))));
    results.forEach((result, index) => {
      const weight = index + 1;
      expect(result.loss).toBeCloseTo(byHand(batchOf(6), [weight, weight, weight], 0, true).loss, 3);
    });
  });

  it("reports everything that is wrong with a batch before native code sees it", async () => {
    const session = await opened();
    const shared = new Float32Array(new SharedArrayBuffer(24));
    const wrong = { rows: 2, feeds: { x: shared, y: new Float32Array(2), z: new Float32Array(2) } };
    expect(await problemsOf(session.step(wrong))).toEqual([
      'ENGINE_BATCH_INVALID program "least-squares": features "x" lies in shared memory, expected a private array to which the rows were copied',
      'ENGINE_BATCH_INVALID program "least-squares": labels "y" is Float32Array, expected Int32Array (int32)',
      'ENGINE_BATCH_INVALID program "least-squares": a batch has no mask "m"',
      'ENGINE_BATCH_INVALID program "least-squares": a batch brings "z", expected only "x", "y", "m"',
    ]);
    const short = { rows: 3, feeds: { ...batchOf(2).feeds, y: new Int32Array(3), m: new Float32Array(9) } };
    expect(await problemsOf(session.step(short))).toEqual([
      'ENGINE_BATCH_INVALID program "least-squares": features "x" has 6 elements, expected 9 for 3 rows of shape [3]',
    ]);
    expect((await problemsOf(session.step({ rows: 0, feeds: {} })))[0]).toContain("has 0 rows");
  });

  it("names the program when its graph cannot be loaded, lacks an output or has a strange input", async () => {
    const program = leastSquares();
    const garbled = { ...program, step: Uint8Array.of(1, 2, 3) };
    expect((await problemsOf(opened(garbled)))[0]).toMatch(
      /^ENGINE_PROGRAM_INVALID program "least-squares": the step graph/,
    );
    const lacking = { ...program, step: program.evaluate };
    expect(await problemsOf(opened(lacking))).toEqual([
      'ENGINE_PROGRAM_INVALID program "least-squares": the step graph of "least-squares" has no output "grad:w"',
    ]);
    const strange = { ...program, feeds: program.feeds.slice(0, 2) };
    expect((await problemsOf(opened(strange)))[0]).toContain('takes "m", which is no parameter or feed of it');
    const overflowing = { ...program, size: 16 };
    expect((await problemsOf(opened(overflowing)))[0]).toContain("does not fit a buffer of 16");
  });

  it("wraps what native code throws and stays usable", async () => {
    const program = leastSquares();
    const session = await opened({
      ...program,
      feeds: program.feeds.map((feed) => (feed.name === "m" ? { ...feed, shape: [4] } : feed)),
    });
    const bad = { rows: 2, feeds: { ...batchOf(2).feeds, m: new Float32Array(8) } };
    const [problem] = await problemsOf(session.step(bad));
    expect(problem).toMatch(
      /^ENGINE_RUN_FAILED the step graph of "least-squares" failed on a batch of 2 rows: Got invalid/,
    );
    expect((await session.evaluate(batchOf(2))).loss).toBeGreaterThan(0);
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

  it("runs a compiled network: gradients agree with differences of its loss, frozen parameters get none", async () => {
    const data = input("data", [4]);
    const digit = label("digit", { classes: 3 });
    const hidden = tanh(dense(data, { name: "fc1", units: 5, lr: [0, 1] }));
    const scores = dense(hidden, { name: "fc2", units: 3 });
    const loss = softmaxCrossEntropy(scores, digit);
    const program = compile(model({ name: "small", inputs: [data], labels: [digit], loss }));
    const session = await opened(program);
    session.weights.set(initialWeights(program, 1));
    const x = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i));
    const batch = { rows: 6, feeds: { data: x, digit: Int32Array.of(0, 1, 2, 2, 1, 0) } };
    await session.step(batch);
    const lossAt = async (index: number, change: number) => {
      const kept = session.weights[index] ?? 0;
      session.weights[index] = kept + change;
      const value = (await session.evaluate(batch)).loss ?? Number.NaN;
      session.weights[index] = kept;
      return value;
    };
    for (const { name, offset, length, lr } of program.parameters) {
      for (let index = offset; index < offset + length; index++) {
        const slope = ((await lossAt(index, 0.01)) - (await lossAt(index, -0.01))) / 0.02;
        if (lr === 0) expect(session.gradients[index]).toBe(0);
        else expect(session.gradients[index], name).toBeCloseTo(slope, 4);
      }
    }
    expect(program.parameters.filter(({ lr }) => lr === 0).map(({ name }) => name)).toEqual(["fc1.weight"]);
  });

  it("runs in worker threads, each with its own session", async () => {
    const engine = new URL("../../dist/runtime/engines/index.js", import.meta.url).href;
    const code = `
      const { parentPort, workerData } = require("node:worker_threads");
      import(${JSON.stringify(engine)}).then(async ({ openEngine }) => {
        const session = await openEngine("onnxruntime", workerData.program);
        session.weights.fill(workerData.weight, 16, 19);
        const result = await session.step(workerData.batch);
        parentPort.postMessage({ loss: result.loss, gradients: session.gradients });
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
      expect(gradients[17]).toBeCloseTo(expected.gradient[1] ?? Number.NaN, 3);
    });
  });
});
