/** What a loader thread runs: makes the batches that are asked for, one after another, until it is told to stop. */
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { internalError, isBaseError, type Problem } from "../../errors.js";
import { BatchAssembler } from "../assembly/batch-assembler.js";
import { BatchRing, type Outcome } from "./batch-ring.js";
import type { LoaderMessage, LoaderSetup } from "./messages.js";

/** Milliseconds between two looks whether to stop. */
const patience = 200;

const port = parentPort;
if (isMainThread || port === null) throw internalError("loader-main.js is started as a worker thread only");

const { dataset, ring: memory } = workerData as LoaderSetup;
const ring = new BatchRing(memory);
const send = (message: LoaderMessage): void => port.postMessage(message);

const inEngine = (is: boolean): void => {
  ring.isInEngine = is;
};
const assembler = await BatchAssembler.open(dataset, inEngine).catch((error: unknown) => {
  send({ kind: "lost", problems: problemsOf(error) });
});
if (assembler !== undefined) {
  while (!ring.isStopped) {
    const request = ring.awaitRequest(patience);
    if (request === undefined) continue;
    let outcome: Outcome = "skipped";
    try {
      if (!ring.isDropped) {
        await assembler.assemble(request, ring.arrays(ring.filled));
        outcome = "made";
      }
    } catch (error) {
      outcome = "failed";
      send({ kind: "failed", number: ring.filled, problems: problemsOf(error) });
    }
    ring.publish(outcome);
  }
  await assembler.close();
}

function problemsOf(error: unknown): readonly Problem[] {
  if (isBaseError(error)) return error.problems;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return [{ code: "DATA_LOADER_FAILED", message: `a batch could not be made: ${text}` }];
}
