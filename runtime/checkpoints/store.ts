import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ErrorCode, isBaseError, type Note, RunError } from "../errors.js";
import { parseJson } from "../json.js";
import { type Best, type BestRule, isBetter, readBest } from "./best.js";
import { type Disk, nodeDisk, systemCode } from "./disk.js";
import { exactJson, readExactNumbers } from "./exact-json.js";
import type { Means, RunIdentity } from "./manifest.js";
import { bestFile, checkpointName, isLeftover, temporaryName, versionOf } from "./names.js";
import { type LoadedCheckpoint, loadCheckpoint } from "./read-checkpoint.js";
import { type Snapshot, writeCheckpointFiles, writeFile } from "./write-checkpoint.js";

export interface StoreOptions {
  /** How many of the newest checkpoints stay. Default 3. */
  readonly keep?: number | undefined;
  /** Keeps the best one besides. Default: the newest only. */
  readonly best?: BestRule | undefined;
  /** Is told what was passed over, removed or tried again. */
  readonly say?: ((note: Note) => void) | undefined;
  /** Default: that of this machine. */
  readonly disk?: Disk | undefined;
}

/** The newest checkpoints that stay where nobody says. */
export const defaultKeep = 3;

/** What the system says where there is no room: making room helps. */
const noRoom: readonly (string | undefined)[] = ["ENOSPC", "EDQUOT"];

/**
 * The checkpoints of one run in a directory, `update-00001234` each. One is written under another name and renamed when all
 * of it is on the disk, so that each that bears its name is whole, whenever the process or the machine ends; what a
 * write that ended so has left is removed by the next run. One process at a time: see `lockDirectory`.
 */
export class CheckpointStore {
  readonly directory: string;
  readonly #keep: number;
  readonly #rule: BestRule | undefined;
  readonly #say: (note: Note) => void;
  readonly #disk: Disk;
  /** The run's own, ascending. */
  #versions: readonly number[] = [];
  /** Damaged ones, and those of a run that this one replaces: removed when one of this run is on the disk. */
  #obsolete: readonly string[] = [];
  #best: Best | undefined;
  /** Writes and marks are made one after the other, whoever asks when. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(directory: string, { keep = defaultKeep, best, say = () => {}, disk = nodeDisk }: StoreOptions = {}) {
    this.directory = directory;
    this.#keep = keep;
    this.#rule = best;
    this.#say = say;
    this.#disk = disk;
  }

  /** The checkpoints that are there, by their numbers of updates, ascending. Nothing is read. */
  async list(): Promise<readonly number[]> {
    const names = await this.#disk.list(this.directory);
    return names.flatMap((name) => versionOf(name) ?? []).sort((a, b) => a - b);
  }

  /** Removes what writes that were killed have left. To be called under the lock, before the first write. */
  async clean(): Promise<void> {
    for (const name of await this.#disk.list(this.directory)) {
      if (isLeftover(name)) await this.#disk.remove(join(this.directory, name));
    }
  }

  /** Takes the checkpoints that are there for those of a run that this one replaces: they go when the first of this one is there. */
  async replaceAll(): Promise<void> {
    this.#obsolete = (await this.list()).map(checkpointName);
  }

  /**
   * The newest checkpoint that is whole, from which the store goes on; undefined where there is none at all. A damaged one
   * is passed over with a note.
   *
   * @throws ModelFileError CHECKPOINT_DAMAGED with what is wrong with each, if none is whole; CHECKPOINT_FORMAT_DIFFERENT
   */
  async newest(): Promise<LoadedCheckpoint | undefined> {
    const versions = await this.list();
    const failures: unknown[] = [];
    for (const version of versions.toReversed()) {
      try {
        const found = await loadCheckpoint(join(this.directory, checkpointName(version)));
        for (const error of failures) this.#passOver(error);
        this.#versions = versions.filter((one) => one <= version);
        this.#obsolete = versions.filter((one) => one > version).map(checkpointName);
        this.#best = await this.#readBest();
        return found;
      } catch (error) {
        if (!isBaseError(error) || error.code !== "CHECKPOINT_DAMAGED") throw error;
        failures.push(error);
      }
    }
    if (failures.length === 0) return undefined;
    throw new RunError(failures.flatMap((error) => (isBaseError(error) ? error.problems : [])));
  }

  /**
   * Writes what a run is after an update, then removes the checkpoints that are not to be kept. Returns when it would
   * survive a power cut; until then nobody may change the arrays. One that is there already is not written again. Where
   * there is no room, older checkpoints make room, but for the newest and the best.
   *
   * @throws RunError CHECKPOINT_WRITE_FAILED; earlier checkpoints are as they were, and nothing is left of this one
   */
  write(run: RunIdentity, snapshot: Snapshot): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#versions.includes(snapshot.version)) return;
      try {
        await this.#writeOnce(run, snapshot);
      } catch (error) {
        if (!noRoom.includes(systemCode(error)) || !(await this.#makeRoom())) throw this.#failed(snapshot, error);
        await this.#writeOnce(run, snapshot).catch((again: unknown) => {
          throw this.#failed(snapshot, again);
        });
      }
      this.#versions = [...this.#versions, snapshot.version].sort((a, b) => a - b);
      await this.#rotate(this.#keep);
    });
  }

  /**
   * Hears what the validation says of a version that was written; to be called before the next is. Whether it is the best
   * so far.
   *
   * @throws RunError CHECKPOINT_WRITE_FAILED; PARAMSERV_OPTION_INVALID where the validation has no such mean
   */
  validated(version: number, epoch: number, validation: Means): Promise<boolean> {
    return this.#inTurn(async () => {
      const rule = this.#rule;
      if (rule === undefined || !this.#versions.includes(version)) return false;
      const value = metricOf(rule, validation);
      if (!isBetter(rule, value, this.#best?.value)) return false;
      const best: Best = { ...rule, version, epoch, value, validation };
      try {
        await this.#replaceFile(bestFile, exactJson(best));
      } catch (error) {
        throw failure(join(this.directory, bestFile), "which checkpoint is the best cannot be noted", error);
      }
      this.#best = best;
      await this.#rotate(this.#keep);
      return true;
    });
  }

  /** The best checkpoint so far, and what the validation said of it; undefined where no validation was heard. */
  async best(): Promise<{ readonly best: Best; readonly checkpoint: LoadedCheckpoint } | undefined> {
    await this.#queue;
    if (this.#best === undefined) return undefined;
    const checkpoint = await loadCheckpoint(join(this.directory, checkpointName(this.#best.version)));
    return { best: this.#best, checkpoint };
  }

  /** The run is complete: the newest stays, to go on from with more epochs, and the best. */
  finish(): Promise<void> {
    return this.#inTurn(() => this.#rotate(1));
  }

  #inTurn<Value>(action: () => Promise<Value>): Promise<Value> {
    const done = this.#queue.then(action);
    this.#queue = done.catch(() => {});
    return done;
  }

  async #writeOnce(run: RunIdentity, snapshot: Snapshot): Promise<void> {
    const temporary = join(this.directory, temporaryName());
    const name = checkpointName(snapshot.version);
    try {
      await writeCheckpointFiles(this.#disk, temporary, run, snapshot);
      await this.#removeObsolete();
      // What bears the name now was damaged, or another run's: else it would be among the versions.
      if ((await this.#disk.list(this.directory)).includes(name)) await this.#discard(name);
      await this.#disk.rename(temporary, join(this.directory, name));
    } catch (error) {
      await this.#disk.remove(temporary).catch(() => {});
      throw error;
    }
    await this.#disk.syncDirectory(this.directory);
  }

  /** Removes all but the newest so many and the best. What cannot be removed does no harm: the next time it may be. */
  async #rotate(keep: number): Promise<void> {
    const stays = [...this.#versions.slice(-keep), this.#best?.version];
    for (const version of this.#versions.filter((one) => !stays.includes(one))) {
      await this.#discard(checkpointName(version)).catch(() => {});
    }
    const there = await this.list().catch(() => this.#versions);
    this.#versions = this.#versions.filter((one) => there.includes(one));
  }

  async #removeObsolete(): Promise<void> {
    for (const name of this.#obsolete) await this.#discard(name);
    if (this.#obsolete.length > 0 && this.#best === undefined) await this.#disk.remove(join(this.directory, bestFile));
    this.#obsolete = [];
  }

  /** Takes the name first, so that none that bears its name is ever in part removed. */
  async #discard(name: string): Promise<void> {
    const temporary = join(this.directory, temporaryName());
    await this.#disk.rename(join(this.directory, name), temporary);
    await this.#disk.remove(temporary);
  }

  /** Whether something was removed. */
  async #makeRoom(): Promise<boolean> {
    const before = this.#versions.length;
    await this.#rotate(1);
    const removed = before - this.#versions.length;
    if (removed === 0) return false;
    const what = `${removed} older ${removed === 1 ? "checkpoint was" : "checkpoints were"} removed`;
    this.#say({ at: { file: this.directory }, message: `there was no room for a checkpoint: ${what}` });
    return true;
  }

  async #replaceFile(name: string, text: string): Promise<void> {
    const temporary = join(this.directory, temporaryName());
    try {
      await writeFile(this.#disk, temporary, [new TextEncoder().encode(text)]);
      await this.#disk.rename(temporary, join(this.directory, name));
    } catch (error) {
      await this.#disk.remove(temporary).catch(() => {});
      throw error;
    }
    await this.#disk.syncDirectory(this.directory);
  }

  async #readBest(): Promise<Best | undefined> {
    if (this.#rule === undefined) return undefined;
    const bytes = await readFile(join(this.directory, bestFile)).catch(() => new Uint8Array());
    const best = readBest(readExactNumbers(parseJson(bytes)), this.#rule);
    return best !== undefined && this.#versions.includes(best.version) ? best : undefined;
  }

  #failed({ version }: Snapshot, cause: unknown): RunError {
    const file = join(this.directory, checkpointName(version));
    const whole = this.#versions.at(-1);
    const earlier = whole === undefined ? "there is no earlier one" : `the newest is ${checkpointName(whole)}`;
    return failure(file, `the checkpoint cannot be written, ${earlier}`, cause);
  }

  #passOver(error: unknown): void {
    if (!isBaseError(error)) return;
    for (const { at, message } of error.problems) {
      this.#say({ ...(at && { at }), message: `the checkpoint is damaged and passed over: ${message}` });
    }
  }
}

function metricOf({ metric }: BestRule, validation: Means): number {
  const value = Object.hasOwn(validation, metric) ? validation[metric] : undefined;
  if (value !== undefined) return value;
  const message = `best is validation.${metric}, which the validation does not have`;
  const hint = `it has ${Object.keys(validation).join(", ") || "none"}`;
  throw new RunError({ code: "PARAMSERV_OPTION_INVALID", message, hint });
}

function failure(file: string, what: string, cause: unknown): RunError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const code: ErrorCode = "CHECKPOINT_WRITE_FAILED";
  const hint = "make room, then --resume goes on from the newest checkpoint";
  return new RunError({ code, at: { file }, message: `${what}: ${reason}`, hint }, { cause });
}
