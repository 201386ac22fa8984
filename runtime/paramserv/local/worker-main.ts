/** What a worker thread runs. Started by the server with its setup; ends when it is told to. */
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { internalError } from "../../errors.js";
import { problemsOf } from "../user-function.js";
import type { Order, Report, WorkerSetup } from "./messages.js";
import { openWorker } from "./open-worker.js";
import { Stopwatch } from "./stopwatch.js";

const port = parentPort;
if (isMainThread || port === null) throw internalError("worker-main.js is started as a worker thread only");

const setup = workerData as WorkerSetup;
const send = (report: Report): void => port.postMessage(report);

try {
  const { worker, close } = await openWorker(setup, send);
  // One order at a time: the server sends the next while one is done only to end.
  let work: Promise<void> = Promise.resolve();
  port.on("message", (order: Order) => {
    work = work.then(async () => {
      if (order.kind !== "end") return worker.handle(order);
      await close();
      port.close();
    });
  });
  worker.join();
} catch (error) {
  const problems = problemsOf(error, `worker ${setup.rank}, while starting,`);
  send({ messages: [{ kind: "fail", worker: setup.rank, problems }], seconds: new Stopwatch().seconds });
}
