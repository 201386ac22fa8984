/** A worker that takes batches from a loader thread and never closes it. */
import { parentPort, workerData } from "node:worker_threads";

const { openSupply } = await import(workerData.supply);
const supply = await openSupply(workerData.dataset, { most: 6, prefetch: 2 });
supply.announce(workerData.requests);
const all = [];
for (const request of workerData.requests) {
  const { features, labels } = await supply.next(request);
  all.push([...features.x.data, ...labels.y.data]);
}
parentPort.postMessage(all);
setInterval(() => {}, 1000);
