import { rmdir } from "node:fs/promises";
import { resolve } from "node:path";
import { checkWritable, makeDirectories } from "../directories.js";
import { ModelFileError, type Note, RunError } from "../errors.js";
import type { Best, BestRule } from "./best.js";
import { resumeProblems } from "./compare.js";
import type { Disk } from "./disk.js";
import { type Lock, lockDirectory } from "./lock.js";
import type { Means, RunIdentity } from "./manifest.js";
import { checkpointsIn } from "./names.js";
import type { LoadedCheckpoint } from "./read-checkpoint.js";
import { CheckpointStore } from "./store.js";
import type { Snapshot } from "./write-checkpoint.js";

export interface OpenOptions {
  /** Where checkpoints are written, `update-00001234` each. Made if it does not exist. Default: `resume`. */
  readonly directory?: string | undefined;
  /** Goes on from the newest checkpoint in this directory, or in its folder `checkpoints`. Default: a new run. */
  readonly resume?: string | undefined;
  /**
   * Whether a new run may take the place of another's checkpoints; they are removed when its first is on the disk.
   * Default false.
   */
  readonly replace?: boolean | undefined;
  readonly keep?: number | undefined;
  readonly best?: BestRule | undefined;
  readonly run: RunIdentity;
  /** The arrays that a checkpoint must have, with their shapes: `conv1.weight`, `optimizer/history/conv1.weight`. */
  readonly arrays: ReadonlyMap<string, readonly number[]>;
  readonly say?: ((note: Note) => void) | undefined;
  readonly disk?: Disk | undefined;
}

/**
 * The checkpoints of a run that is under way. A server
 *
 * 1. opens them before it starts a worker. If there is `resume`, it reads each array to its place in shared memory
 *    (`resume.read(name, view)`) and goes on from `resume.manifest.protocol` and `.statistics`;
 * 2. at the protocol's `capture` takes the states of protocol and statistics, which belong to just this version;
 * 3. at `captured` with `save` calls {@link write} with views of the copy, and tells the protocol `saved` when it returns;
 *    if it rejects, the run ends with that error;
 * 4. at `validated` calls {@link validated}, before the next write;
 * 5. closes them at the end, whatever it was, after it has read the best weights, if they are asked for.
 */
export interface OpenCheckpoints {
  /** What the run goes on from. */
  readonly resume?: LoadedCheckpoint;
  write(snapshot: Snapshot): Promise<void>;
  /** Whether the version is the best so far. Always false where no best one is asked for, or it was not written. */
  validated(version: number, epoch: number, validation: Means): Promise<boolean>;
  /** The best so far, also of before the run was resumed. */
  best(): Promise<{ readonly best: Best; readonly checkpoint: LoadedCheckpoint } | undefined>;
  /** Of a completed run the newest checkpoint stays, and the best; of another all that are kept. */
  close(ending: "completed" | "aborted" | "failed"): Promise<void>;
}

/**
 * Opens the directory of a run's checkpoints for this process alone and, to resume, finds the newest one that is whole and
 * makes sure that it is of the same run.
 *
 * @throws RunError CHECKPOINT_LOCKED; CHECKPOINT_EXISTS, if a new run finds those of another; CHECKPOINT_MISSING,
 * CHECKPOINT_DAMAGED, CHECKPOINT_FORMAT_DIFFERENT; CHECKPOINT_RUN_DIFFERENT with all differences;
 * RESULT_DIRECTORY_UNWRITABLE
 */
export async function openCheckpoints(options: OpenOptions): Promise<OpenCheckpoints> {
  const { run, resume: from } = options;
  const source = from === undefined ? undefined : checkpointsIn(from);
  const directory = options.directory ?? source ?? "checkpoints";
  if (source !== undefined) await requireCheckpoints(source);
  checkWritable(directory, { code: "RESULT_DIRECTORY_UNWRITABLE", what: "checkpoints" });
  const made = makeDirectories(directory);
  let lock: Lock | undefined;
  try {
    lock = await lockDirectory(directory);
    const store = new CheckpointStore(directory, options);
    await store.clean();
    const inPlace = source !== undefined && resolve(source) === resolve(directory);
    const resume = source === undefined ? undefined : await loadNewest(inPlace ? store : sourceStore(source, options));
    if (resume !== undefined) requireSameRun(resume, options);
    if (!inPlace) await takePlace(store, directory, options);
    return opened(store, { run, lock, made, ...(resume && { resume }) });
  } catch (error) {
    await lock?.release();
    await removeEmpty(made);
    throw error;
  }
}

interface Opened {
  readonly run: RunIdentity;
  readonly resume?: LoadedCheckpoint;
  readonly lock: Lock;
  /** Directories that were made for it, innermost first. */
  readonly made: readonly string[];
}

function opened(store: CheckpointStore, { run, resume, lock, made }: Opened): OpenCheckpoints {
  return {
    ...(resume && { resume }),
    write: (snapshot) => store.write(run, snapshot),
    validated: (version, epoch, validation) => store.validated(version, epoch, validation),
    best: () => store.best(),
    async close(ending) {
      try {
        if (ending === "completed") await store.finish();
      } finally {
        await lock.release();
        await removeEmpty(made);
      }
    },
  };
}

/** Those of another directory are read and left as they are. */
function sourceStore(directory: string, { say }: OpenOptions): CheckpointStore {
  return new CheckpointStore(directory, { say });
}

async function loadNewest(store: CheckpointStore): Promise<LoadedCheckpoint> {
  const newest = await store.newest();
  if (newest === undefined) throw missing(store.directory);
  return newest;
}

/** Before anything is made there. */
async function requireCheckpoints(directory: string): Promise<void> {
  if ((await new CheckpointStore(directory).list()).length === 0) throw missing(directory);
}

function missing(directory: string): ModelFileError {
  return new ModelFileError({
    code: "CHECKPOINT_MISSING",
    at: { file: directory },
    message: "found no checkpoint there, expected one to go on from",
    hint: "a run with --checkpointing writes them; one that ended before its first has to begin again",
  });
}

function requireSameRun(resume: LoadedCheckpoint, { run, arrays }: OpenOptions): void {
  const problems = resumeProblems(resume, { run, arrays });
  if (problems.length > 0) throw new ModelFileError(problems);
}

/** A new run, or one that goes on elsewhere, comes to a directory. */
async function takePlace(store: CheckpointStore, directory: string, { replace = false }: OpenOptions): Promise<void> {
  const found = await store.list();
  if (found.length === 0) return;
  if (replace) return store.replaceAll();
  const message = `found ${found.length === 1 ? "a checkpoint" : `${found.length} checkpoints`} of another run, expected none`;
  const hint = "--resume goes on with that run; --force lets this one take its place";
  throw new RunError({ code: "CHECKPOINT_EXISTS", at: { file: directory }, message, hint });
}

async function removeEmpty(made: readonly string[]): Promise<void> {
  for (const path of made) {
    // Not empty: the checkpoints stay.
    if (
      !(await rmdir(path).then(
        () => true,
        () => false,
      ))
    )
      return;
  }
}
