import { ModelFileError, type Problem } from "../errors.js";
import { isRecord } from "../json.js";
import type { DataRecord } from "./fingerprint.js";

/** The version of {@link CheckpointManifest}. */
export const checkpointFormat = 1;

/** Means over the validation rows, by name. */
export type Means = Readonly<Record<string, number>>;

/** Which run checkpoints belong to: what has to be the same for a resumed run to make the same numbers. Plain data. */
export interface RunIdentity {
  /** The name of the network, or of the user's function. */
  readonly network: string;
  /** sha-256 of the compiled program's graphs. Absent where nothing was compiled. */
  readonly program?: string | undefined;
  /** With every default filled in, those of `ResolvedOptions`. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly data: DataRecord;
}

/** `manifest.json` of a checkpoint: all that a run is beside its arrays. */
export interface CheckpointManifest extends RunIdentity {
  readonly format: typeof checkpointFormat;
  /** The versions that wrote it. */
  readonly paramserv: string;
  readonly node: string;
  /** Updates made. */
  readonly version: number;
  /** The epoch that the next update is in, or that has just ended: as the protocol's `capture` says it. */
  readonly epoch: number;
  /** The state of the protocol, as its checkpoint has it: cursors of the slots, rounds, clocks. */
  readonly protocol: unknown;
  /** The statistics so far, as their fold has them: sums of the epoch under way, records of those that ended. */
  readonly statistics: unknown;
  /** What the validation said of just these weights, where it was known when they were written. */
  readonly validation?: Means | undefined;
  /** The sha-256 of each other file. */
  readonly files: Readonly<Record<string, string>>;
}

type Check = readonly [expected: string, test: (value: unknown) => boolean];

const text: Check = ["a text", (value) => typeof value === "string"];
const count: Check = ["a whole number", (value) => Number.isSafeInteger(value) && Number(value) >= 0];
const object: Check = ["an object", isRecord];
const hashes: Check = [
  "sha-256 sums by file",
  (value) =>
    isRecord(value) && Object.values(value).every((one) => typeof one === "string" && /^[0-9a-f]{64}$/.test(one)),
];

/** What is read of a manifest; protocol and statistics are checked by who made them. */
const fields: Readonly<Record<string, Check>> = {
  paramserv: text,
  node: text,
  network: text,
  options: object,
  data: ["the rows", (value) => isRecord(value) && isRecord(value.training)],
  version: count,
  epoch: count,
  files: hashes,
};

/**
 * The content of a `manifest.json`.
 *
 * @throws ModelFileError CHECKPOINT_FORMAT_DIFFERENT, or CHECKPOINT_DAMAGED with all that it lacks
 */
export function checkManifest(value: unknown, file: string): CheckpointManifest {
  if (!isRecord(value)) throw new ModelFileError(damaged(file, "it is no JSON object"));
  if (typeof value.format === "number" && value.format !== checkpointFormat) {
    const message = `its format is ${value.format}, written by paramserv ${String(value.paramserv)}, expected ${checkpointFormat}`;
    const hint = "resume with the version that wrote it";
    throw new ModelFileError({ code: "CHECKPOINT_FORMAT_DIFFERENT", at: { file }, message, hint });
  }
  const problems = Object.entries({ format: count, ...fields }).flatMap(([name, [expected, test]]) =>
    test(value[name]) ? [] : [damaged(file, `its ${name} is not ${expected}`)],
  );
  if (problems.length > 0) throw new ModelFileError(problems);
  // What was not looked at is what a run wrote, whole or not at all.
  return value as unknown as CheckpointManifest;
}

/** A file of a checkpoint is not what was written. */
export function damaged(file: string, message: string): Problem {
  return { code: "CHECKPOINT_DAMAGED", at: { file }, message };
}
