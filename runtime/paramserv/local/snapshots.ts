import type { OpenCheckpoints } from "../../checkpoints/open.js";
import type { LoadedCheckpoint } from "../../checkpoints/read-checkpoint.js";
import type { UpdatePlan } from "../../optimizers/plan.js";
import type { Job } from "../job.js";
import { readArrays, snapshotArrays } from "../run-checkpoints.js";
import { flatCaptured, flatLive, writeModel } from "../shards/flat.js";
import type { Shard } from "../shards/memory.js";
import type { Recorder } from "../statistics/recorder.js";
import type { EpochRecord } from "../types.js";
import type { Capture } from "./server.js";

interface SnapshotsOptions {
  readonly job: Job;
  readonly shards: readonly Shard[];
  readonly plan: UpdatePlan | undefined;
  /** Absent where the run writes none. */
  readonly checkpoints: OpenCheckpoints | undefined;
  readonly recorder: Recorder;
  /** What a checkpoint keeps of the protocol, now. */
  protocol(): unknown;
  saved(version: number): void;
  fail(error: unknown): void;
}

/** What belongs to the version that is captured. */
interface Noted extends Capture {
  readonly protocol: unknown;
  readonly statistics: unknown;
}

/** Saves captured weights as checkpoints, beside the training. */
export class Snapshots {
  readonly #options: SnapshotsOptions;
  #noted: Noted | undefined;
  /** The version that was written last, or is being written. */
  #written = 0;
  #writing: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
  }

  /** A copy of the weights begins: what else belongs to this version is noted. */
  capturing(capture: Capture): void {
    const { recorder, protocol } = this.#options;
    this.#noted = { ...capture, protocol: protocol(), statistics: recorder.save() };
  }

  /** The copy is complete. It stays as it is until `saved` is told. */
  captured({ version, save }: Capture): void {
    const noted = this.#noted;
    if (!save || noted?.version !== version) return;
    this.#written = version;
    this.#writing = this.#write(noted, flatCaptured(...this.#shape)).then(
      () => this.#options.saved(version),
      (error: unknown) => this.#fail(error),
    );
  }

  /** The captured version is validated: it may be the best so far. */
  validated({ epoch, validation }: EpochRecord): void {
    const { checkpoints } = this.#options;
    const version = this.#noted?.version;
    if (checkpoints === undefined || version === undefined || validation === undefined) return;
    this.#writing = this.#writing
      .then(() => checkpoints.validated(version, epoch, validation))
      .then(
        () => {},
        (error: unknown) => this.#fail(error),
      );
  }

  /** Returns when nothing is being written any more, however that ended. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /**
   * Saves what the run ends with, unless that is saved already; all that is being written is then on the disk.
   *
   * @throws RunError what a write failed with, also one that was under way when the last update was made
   */
  async finish(version: number, epoch: number, write: boolean): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure.error;
    const { protocol, recorder, checkpoints } = this.#options;
    if (!write || this.#written === version || checkpoints === undefined || version === 0) return;
    const noted = { version, epoch, save: true, protocol: protocol(), statistics: recorder.save() };
    await this.#write(noted, flatLive(...this.#shape));
  }

  async #write({ version, epoch, protocol, statistics }: Noted, arrays: Parameters<typeof snapshotArrays>[1]) {
    const { checkpoints, job, recorder } = this.#options;
    const begin = performance.now();
    await checkpoints?.write({ version, epoch, protocol, statistics, ...snapshotArrays(job, arrays) });
    recorder.saved((performance.now() - begin) / 1000);
  }

  /** A run that is over already hears of it in {@link finish}. */
  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#options.fail(error);
  }

  get #shape(): Parameters<typeof flatLive> {
    const { shards, job, plan } = this.#options;
    return [shards, job.layout.size, plan?.slots.map(({ length }) => length) ?? []];
  }
}

/** Reads a checkpoint into the memory of a run. */
export async function restoreModel(
  checkpoint: LoadedCheckpoint,
  { job, shards, plan }: Pick<SnapshotsOptions, "job" | "shards" | "plan">,
): Promise<void> {
  const lengths = plan?.slots.map(({ length }) => length) ?? [];
  const flat = flatLive(shards, job.layout.size, lengths);
  await readArrays(checkpoint, job, flat);
  writeModel(shards, flat);
}
