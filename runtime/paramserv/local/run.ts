import { RunError } from "../../errors.js";
import type { UpdatePlan } from "../../optimizers/plan.js";
import type { ParamservResult } from "../types.js";
import { assignRows } from "../assign.js";
import type { Figures } from "../figures.js";
import { Callbacks } from "../callbacks.js";
import type { Job } from "../job.js";
import { copiesByName } from "../model-layout.js";
import { Protocol } from "../protocol/protocol.js";
import { initialState } from "../protocol/start.js";
import { runRecord } from "../run-record.js";
import { readWeights, writeWeights } from "../shards/flat.js";
import { allocate, type Shard, viewShards } from "../shards/memory.js";
import { Copying } from "../shards/copying.js";
import { totalsOf } from "../worker/update-totals.js";
import { configOf, planMemory, stepPlan } from "./config.js";
import { Doorbell } from "./doorbell.js";
import { Healing } from "./healing.js";
import { keptWeights } from "./kept-weights.js";
import { makeRecorder, startEvent } from "./recording.js";
import { LocalServer } from "./server.js";
import { setupsOf } from "./setups.js";
import { supervise } from "./supervise.js";
import { Team } from "./team.js";
import { weighRows } from "./weigh-rows.js";

const now = (): number => performance.now() / 1000;

/** Trains on worker threads of this process over shared memory. */
export async function runLocally(job: Job): Promise<ParamservResult> {
  const startedAt = now();
  const assignments = assignRows(job.options, job.training.rows);
  const config = configOf(job, assignments);
  const model = allocate(planMemory(job, assignments));
  const shards = viewShards(model);
  const plan = stepPlan(job);
  writeInitial(job, shards, plan);

  const callbacks = new Callbacks(job.options, {
    stop: () => server.stop(),
    fail: (error) => server.abandon(error),
  });
  const recorder = makeRecorder({ job, config, startedAt, now, emit: (event) => callbacks.event(event) });
  const protocol = new Protocol<Figures>(initialState(config));
  const healing = new Healing(job.options, (error) => server.abandon(error));
  const doorbell = new Doorbell();
  const team = new Team(job.options);
  let totals: ReturnType<typeof totalsOf>;
  const server = new LocalServer({
    protocol,
    recorder,
    totals: (slot, clock) => totals?.of(slot, clock),
    healing: (update) => healing.of(update),
    send: (to, order) => team.send(to, order),
    replace: (lost) => team.replace(lost),
    capturing: () => {},
    captured: ({ version, save }) => {
      if (save) server.saved(version);
    },
    validated: () => {},
  });
  callbacks.event(startEvent(job, config));
  const start = async (): Promise<void> => {
    const rowWeights = await weighRows(job);
    if (job.options.signal?.aborted) return;
    totals = totalsOf(job.options, assignments, rowWeights);
    const setupOf = setupsOf({ job, assignments, model, rowWeights, doorbell: doorbell.words, partials: plan?.partials ?? 0, updates: 0 });
    team.start(assignments.length, setupOf, {
      report: (_thread, report) => server.report(report),
      lost: ({ actor }, problems) => server.lost(actor, problems),
      failed: (problems) => server.abandon(new RunError(problems)),
    });
    void doorbell.listen(() => team.hear());
  };
  const ending = await supervise({ job, server, team, doorbell, start });
  await callbacks.settled();
  const status = ending === "aborted" && callbacks.stoppedEarly ? "completed" : ending;
  const weights = flatOf(shards, job.layout.size);
  if (status === "completed" && job.program !== undefined) requireFinite(weights);
  const recorded = recorder.end();
  const kept = await keptWeights({ job, config, recorded, progress: recorder.progress, status: ending, weights });
  const run = runRecord(job, assignments.length, kept);
  return { status, model: copiesByName(job.layout, weights), ...recorded, run };
}

/** Writes what the run starts from, and captures it. */
function writeInitial(job: Job, shards: readonly Shard[], plan: UpdatePlan | undefined): void {
  const [only, ...others] = shards;
  if (only !== undefined && others.length === 0) job.writeWeights(only.weights);
  else {
    const flat = new Float32Array(job.layout.size);
    job.writeWeights(flat);
    writeWeights(shards, flat);
  }
  for (const [slot, { initial }] of plan?.slots.entries() ?? []) {
    for (const { slots } of initial === 0 ? [] : shards) slots[slot]?.fill(initial);
  }
  new Copying(shards).copy({ part: 0, parts: 1 });
}

/** The weights of all shards in one array: a view, where one shard holds all. */
function flatOf(shards: readonly Shard[], size: number): Float32Array {
  const [only, ...others] = shards;
  if (only !== undefined && others.length === 0) return only.weights;
  const flat = new Float32Array(size);
  readWeights(shards, flat);
  return flat;
}

function requireFinite(weights: Float32Array): void {
  if (weights.every(Number.isFinite)) return;
  throw new RunError({
    code: "TRAINING_DIVERGED",
    message: "a weight is not a finite number after the last update",
    hint: "lower the learning rate, and look for values in the data that are far out or not finite",
  });
}
