// What a message costs the parameter server's protocol, by the number of workers: microseconds of processor time a message of
// whole runs, and how that grows. A message should cost the same whether there are 2 workers or 1,024; a processor that runs
// out of cache takes some more.
//
//   npm run bench:protocol -- [--messages 100000]
import { parseArgs } from "node:util";
import { Protocol } from "../dist/runtime/paramserv/protocol/protocol.js";
import { initialState } from "../dist/runtime/paramserv/protocol/start.js";

const { values } = parseArgs({ options: { messages: { type: "string", default: "100000" } } });
const sizes = [2, 8, 32, 128, 512, 1024];
const strategies = ["BSP", "ASP", "SSP", "SBP", "HOGWILD"];

/** A run of k slots, each with so many pushes, whose workers answer orders in the order in which they come. */
function run(strategy, k, messages) {
  const rounds = Math.max(2, Math.ceil(messages / (4 * k)));
  const protocol = new Protocol(
    initialState({
      strategy,
      aggregation: "mean",
      epochs: 1,
      plans: Array.from({ length: k }, () => ({ rows: rounds, batchsize: 1, rowsPerPush: 1 })),
      staleness: 2,
      backups: 1,
      validate: false,
      splitUpdates: strategy === "BSP",
      phases: 1,
      deadlines: { join: null, work: null, silence: null },
      attempts: 3,
    }),
  );
  const numbers = new Uint32Array(k);
  const mail = Array.from({ length: k }, (_, worker) => ({ worker, kind: "join" }));
  let [next, isOver] = [0, false];
  const say = (worker, message) => mail.push({ worker, ...message });
  const answer = (effect) => {
    if (effect.kind === "grant") {
      const { slot, clock } = effect;
      say(effect.to.worker, { kind: "pulled", slot, clock });
      say(effect.to.worker, { kind: "push", slot, clock, rows: 1, figures: null });
    } else if (effect.kind === "apply") {
      const { phase, part, update } = effect;
      say(effect.to.worker, { kind: "applied", version: update.version, phase, part });
    } else if (effect.kind === "finish") isOver = true;
    else if (effect.kind === "refused" || effect.kind === "fail") throw new Error(JSON.stringify(effect));
  };
  const start = process.cpuUsage();
  while (!isOver) {
    const { worker, ...message } = mail[next];
    next += 1;
    numbers[worker] += 1;
    for (const effect of protocol.receive({ ...message, from: { worker, incarnation: 0 }, seq: numbers[worker] }))
      answer(effect);
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / next;
}

console.log(
  `microseconds of processor time a message\nk        ${sizes.map((k) => String(k).padStart(7)).join("")}   1,024 to 2`,
);
for (const strategy of strategies) {
  run(strategy, 8, 20_000);
  const times = sizes.map((k) => run(strategy, k, Number(values.messages)));
  const growth = (times.at(-1) ?? 0) / (times[0] ?? 1);
  console.log(
    `${strategy.padEnd(9)}${times.map((time) => time.toFixed(2).padStart(7)).join("")}   ${growth.toFixed(2)} x`,
  );
}
