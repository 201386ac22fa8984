import type { OpenCheckpoints } from "../../checkpoints/open.js";
import { formatNote, RunError } from "../../errors.js";
import type { UpdatePlan } from "../../optimizers/plan.js";
import { type Assignment, assignRows } from "../assign.js";
import { Callbacks } from "../callbacks.js";
import { diverged } from "../diverged.js";
import type { Figures } from "../figures.js";
import type { Job } from "../job.js";
import { copiesByName } from "../model-layout.js";
import { Protocol } from "../protocol/protocol.js";
import { checkpointOf, initialState, type ProtocolCheckpoint, restoredState } from "../protocol/start.js";
import { openRunCheckpoints } from "../run-checkpoints.js";
import { runRecord } from "../run-record.js";
import { Copying } from "../shards/copying.js";
import { flatLive, writeWeights } from "../shards/flat.js";
import { allocate, type Shard, viewShards } from "../shards/memory.js";
import { stepPlan } from "../shards/step-plan.js";
import type { RunFold } from "../statistics/fold.js";
import type { ParamservResult } from "../types.js";
import { totalsOf } from "../worker/update-totals.js";
import { readBest } from "./best-weights.js";
import { configOf, planMemory } from "./config.js";
import { Doorbell } from "./doorbell.js";
import { Healing } from "./healing.js";
import { keptWeights } from "./kept-weights.js";
import { makeRecorder, startEvent } from "./recording.js";
import { type Ending, LocalServer } from "./server.js";
import { setupsOf } from "./setups.js";
import { restoreModel, Snapshots } from "./snapshots.js";
import { stepRecord } from "./step-record.js";
import { supervise } from "./supervise.js";
import { Team } from "./team.js";
import { weighRows } from "./weigh-rows.js";

const now = (): number => performance.now() / 1000;

/** Trains on worker threads of this process over shared memory. */
export async function runLocally(job: Job): Promise<ParamservResult> {
  const assignments = assignRows(job.options, job.training.rows);
  const checkpoints = await openRunCheckpoints(job, assignments.length, (note) =>
    process.emitWarning(formatNote(note)),
  );
  let ending: Ending | "failed" = "failed";
  try {
    const result = await train(job, assignments, checkpoints);
    ending = result.status;
    return result;
  } finally {
    await checkpoints?.close(ending);
  }
}

async function train(
  job: Job,
  assignments: readonly Assignment[],
  checkpoints: OpenCheckpoints | undefined,
): Promise<ParamservResult> {
  const startedAt = now();
  const config = configOf(job, assignments);
  const plan = stepPlan(job);
  const model = allocate(planMemory(job, assignments, plan));
  const shards = viewShards(model);
  writeInitial(job, shards, plan);
  const earlier = checkpoints?.resume;
  if (earlier !== undefined) await restoreModel(earlier, { job, shards, plan });
  new Copying(shards).copy({ part: 0, parts: 1 });

  const fold = earlier?.manifest.statistics as RunFold | undefined;
  const callbacks = new Callbacks(
    job.options,
    { stop: () => server.stop(), fail: (error) => server.abandon(error) },
    fold?.epochs,
  );
  const recorder = makeRecorder({
    ...{ job, config, startedAt, now },
    emit: (event) => {
      if (event.event === "epoch") snapshots.validated(event);
      callbacks.event(event);
    },
    earlier: fold,
  });
  const saved = earlier?.manifest.protocol as ProtocolCheckpoint | undefined;
  const protocol = new Protocol<Figures>(saved === undefined ? initialState(config) : restoredState(config, saved));
  const snapshots = new Snapshots({
    ...{ job, shards, plan, checkpoints, recorder },
    protocol: () => checkpointOf(protocol.state),
    saved: (version) => server.saved(version),
    fail: (error) => server.abandon(error),
  });
  const healing = new Healing(job.options, (error) => server.abandon(error));
  const doorbell = new Doorbell();
  const team = new Team(job.options);
  const step = stepRecord(job, config.plans);
  let totals: ReturnType<typeof totalsOf>;
  const server = new LocalServer({
    ...{ protocol, recorder },
    totals: (slot, clock) => totals?.of(slot, clock),
    healing: (update) => healing.of(update),
    send: (to, order) => team.send(to, order),
    replace: (lost) => team.replace(lost),
    updated: (update) => {
      if (callbacks.wantsSteps) callbacks.step(step(update));
    },
    capturing: (capture) => snapshots.capturing(capture),
    captured: (capture) => snapshots.captured(capture),
  });
  callbacks.event(startEvent(job, config));
  const start = async (): Promise<void> => {
    const rowWeights = await weighRows(job);
    if (job.options.signal?.aborted) return;
    totals = totalsOf(job.options, assignments, rowWeights);
    const setupOf = setupsOf({
      ...{ job, assignments, model, rowWeights },
      doorbell: doorbell.words,
      partials: plan?.partials ?? 0,
      updates: protocol.state.version,
    });
    team.start(assignments.length, setupOf, {
      report: (_thread, report) => server.report(report),
      lost: ({ actor }, problems) => server.lost(actor, problems),
      failed: (problems) => server.abandon(new RunError(problems)),
    });
    void doorbell.listen(() => team.hear());
  };
  const isDone = saved !== undefined && isAtEnd(saved, config.epochs, callbacks.stoppedEarly);
  const ending = isDone
    ? "completed"
    : await supervise({ job, server, team, doorbell, start }).finally(() => snapshots.settled());
  // Of an update that was given up the weights may have a part.
  const isBetweenUpdates = protocol.state.update === null;
  await snapshots.finish(protocol.state.version, protocol.state.epoch, !isDone && isBetweenUpdates);
  await callbacks.settled();
  const status = ending === "aborted" && callbacks.stoppedEarly ? "completed" : ending;
  const { weights } = flatLive(shards, job.layout.size, []);
  if (status === "completed" && job.program !== undefined) requireFinite(weights);
  const recorded = recorder.end();
  const kept =
    (await readBest({ job, config, weights }, checkpoints)) ??
    (await keptWeights({ job, config, recorded, progress: recorder.progress, status: ending, weights }));
  const run = runRecord(job, assignments.length, kept);
  return { status, model: copiesByName(job.layout, weights), ...recorded, run };
}

/** Writes what the run starts from. */
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
}

/** Whether a run that goes on has nothing left to do. */
function isAtEnd({ epoch, unvalidated }: ProtocolCheckpoint, epochs: number, stoppedEarly: boolean): boolean {
  return stoppedEarly || (epoch >= epochs && unvalidated.length === 0);
}

function requireFinite(weights: Float32Array): void {
  if (weights.every(Number.isFinite)) return;
  throw diverged("a weight is not a finite number after the last update");
}
