import type { MessagePort } from "node:worker_threads";
import type { Order, WorkerEnd } from "./messages.js";

/** The worker's end where user functions run in the thread: messages, so that their timers and promises get their turn. */
export function workerPort(port: MessagePort): WorkerEnd {
  return {
    serve: (work) =>
      new Promise((resolve) => {
        // One order at a time: the server sends the next while one is done only to end.
        let last: Promise<void> = Promise.resolve();
        port.on("message", (order: Order) => {
          if (order.kind === "end") last.then(resolve, resolve);
          else last = last.then(() => work(order));
        });
      }),
    send: (report) => port.postMessage(report),
    close: () => port.close(),
  };
}
