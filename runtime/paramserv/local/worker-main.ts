/** What a worker thread runs. Started by the server with its setup; ends when it is told to. */
import { isMainThread, workerData } from "node:worker_threads";
import { internalError } from "../../errors.js";
import { problemsOf } from "../user-function.js";
import type { WorkerSetup } from "./messages.js";
import { openWorker } from "./open-worker.js";
import { workerPort } from "./port-channel.js";
import { workerSignals } from "./signal-channel.js";
import { workerName } from "./worker.js";

if (isMainThread) throw internalError("worker-main.js is started as a worker thread only");

const setup = workerData as WorkerSetup;
const { signals, port, actor } = setup;
const end = signals === undefined ? workerPort(port) : workerSignals(signals, port);

try {
  const { worker, close } = await openWorker(setup, end.send);
  worker.join();
  await end.serve((order) => worker.handle(order));
  await close();
  // Timers, sockets and promises of a user's module would keep the thread.
  end.close();
  process.exit(0);
} catch (error) {
  const problems = problemsOf(error, `${workerName(setup)}, while starting,`);
  // Who has not joined is not listened to.
  end.send({ kind: "message", message: { kind: "join", from: actor, seq: 1 } });
  end.send({ kind: "message", message: { kind: "fail", from: actor, seq: 2, problems } });
} finally {
  end.close();
}
