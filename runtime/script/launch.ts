import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { isAbsolute, join, relative, resolve } from "node:path";
import { checkpointFolder, checkpointsIn, versionOf } from "../checkpoints/names.js";
import { ModelFileError, type Problem, RunError } from "../errors.js";
import { isRecord, parseJson } from "../json.js";
import { dashed, type OptionTable } from "../options/row.js";

/** How a run was started, so that it can be started again to go on: `checkpoints/launch.json`. */
export interface Launch {
  readonly format: 1;
  /** A model file that `train` has read, or a training package. */
  readonly kind: "model" | "package";
  /** The model file, or the directory of the package. */
  readonly target: Place;
  /** Options by their names on the command line; those that are files are in `files`. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Record<string, Place>>;
}

/** Where a file was: as such, and as it is seen from the directory of the result. */
interface Place {
  readonly absolute: string;
  readonly relative: string;
}

/** Options that say how a command line shows and stores a run, not what the run is. */
const notOfTheRun: readonly string[] = "out force json stats log-dir resume config dump debug help checkpoints".split(
  " ",
);

const fileName = "launch.json";
const fileOf = (directory: string) => join(directory, checkpointFolder, fileName);

/** Options with what holds for workers where nobody says, which is another on a machine with other cores. */
export function withMachine(options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const cores = availableParallelism();
  const k = Number(options.k ?? cores);
  return { ...options, k, threads: options.threads ?? Math.max(1, Math.floor(cores / k)) };
}

interface Started extends Pick<Launch, "kind"> {
  /** Of the result. */
  readonly directory: string;
  readonly target: string;
  readonly table: OptionTable;
  /** Decoded, with what else would differ on another machine: `k`. */
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Notes how a run was started. Another note is replaced whole.
 *
 * @throws RunError CHECKPOINT_WRITE_FAILED
 */
export function recordLaunch({ directory, kind, target, table, options }: Started): void {
  const placeOf = (path: string): Place => {
    const absolute = resolve(path);
    return { absolute, relative: relative(resolve(directory), absolute) };
  };
  const given = Object.entries(options).filter(([name, value]) => value !== undefined && !notOfTheRun.includes(name));
  const isFile = ([name]: readonly [string, unknown]) => ["file", "directory"].includes(table[name]?.kind ?? "");
  const files = given.filter(isFile).map(([name, value]) => [name, placeOf(String(value))]);
  const launch: Launch = {
    ...{ format: 1, kind, target: placeOf(target) },
    options: Object.fromEntries(given.filter((one) => !isFile(one))),
    files: Object.fromEntries(files),
  };
  const file = fileOf(directory);
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(join(directory, checkpointFolder), { recursive: true });
    writeFileSync(temporary, `${JSON.stringify(launch, null, 2)}\n`);
    renameSync(temporary, file);
  } catch (cause) {
    rmSync(temporary, { force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `how the run was started cannot be noted: ${reason}`;
    throw new RunError({ code: "CHECKPOINT_WRITE_FAILED", at: { file }, message }, { cause });
  }
}

/** Takes the note back where no checkpoint was written: there is nothing to go on from. */
export function discardLaunch(directory: string): void {
  const folder = join(directory, checkpointFolder);
  if (!existsSync(fileOf(directory)) || readdirSync(folder).some((name) => versionOf(name) !== undefined)) return;
  rmSync(fileOf(directory), { force: true });
  for (const path of [folder, directory]) if (readdirSync(path).length === 0) rmdirSync(path);
}

/** A run that is to go on, with the options that it was started with. */
export interface Relaunch {
  /** Of its result. */
  readonly directory: string;
  readonly kind: Launch["kind"];
  readonly target: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Reads how a run was started. Files are where they were, or as far from the directory of the result as they were; those
 * that are `given` anew are not looked for.
 *
 * @throws ModelFileError CHECKPOINT_MISSING where there are no checkpoints, or nothing says how the run was started;
 * CHECKPOINT_DAMAGED; MODEL_FILE_MISSING and DATA_FILE_MISSING with all files that have moved
 */
export function readLaunch(
  resume: string,
  given: { readonly target?: string | undefined; readonly options: Readonly<Record<string, unknown>> },
): Relaunch {
  const folder = checkpointsIn(resume);
  const directory = folder === resume ? join(resume, "..") : resume;
  const file = join(folder, fileName);
  if (!existsSync(file)) {
    const message =
      "found nothing there that says how a run was started, expected the directory of one with checkpoints";
    const hint = "a run with --checkpointing notes it; paramserv({ resume }) goes on without";
    throw new ModelFileError({ code: "CHECKPOINT_MISSING", at: { file: resume }, message, hint });
  }
  const launch = checkLaunch(parseJson(readFileSync(file)), file);
  const find = ({ absolute, relative: near }: Place): string => {
    const other = resolve(directory, near);
    return !existsSync(absolute) && existsSync(other) ? other : absolute;
  };
  const wanted = Object.entries(launch.files).filter(([name]) => given.options[name] === undefined);
  const files = wanted.map(([name, place]) => [name, find(place)] as const);
  const target = given.target ?? find(launch.target);
  const problems = [
    ...(existsSync(target) ? [] : [moved(launch.kind, target)]),
    ...files.flatMap(([name, path]) => (existsSync(path) ? [] : [movedFile(name, path)])),
  ];
  if (problems.length > 0) throw new ModelFileError(problems);
  return { directory, kind: launch.kind, target, options: { ...launch.options, ...Object.fromEntries(files) } };
}

function moved(kind: Launch["kind"], file: string): Problem {
  const message = `found nothing there, expected the ${kind === "model" ? "model file" : "package"} that the run was started with`;
  const hint = `if it was moved: paramserv train ${kind === "model" ? "MODEL" : "PACKAGE"} --resume DIR`;
  return { code: "MODEL_FILE_MISSING", at: { file }, message, hint };
}

function movedFile(name: string, file: string): Problem {
  const message = `found nothing there, expected the file that the run was given as ${dashed(name)}`;
  return {
    code: "DATA_FILE_MISSING",
    at: { file },
    message,
    hint: `if it was moved: --resume DIR ${dashed(name)} FILE`,
  };
}

const isPlace = (value: unknown) =>
  isRecord(value) &&
  typeof value.absolute === "string" &&
  typeof value.relative === "string" &&
  isAbsolute(value.absolute);

function checkLaunch(value: unknown, file: string): Launch {
  if (isRecord(value) && typeof value.format === "number" && value.format !== 1) {
    const message = `its format is ${value.format}, expected 1`;
    throw new ModelFileError({ code: "CHECKPOINT_FORMAT_DIFFERENT", at: { file }, message });
  }
  const isLaunch =
    isRecord(value) &&
    (value.kind === "model" || value.kind === "package") &&
    isPlace(value.target) &&
    isRecord(value.options) &&
    isRecord(value.files) &&
    Object.values(value.files).every(isPlace);
  if (isLaunch) return value as unknown as Launch;
  const message = "it does not say how the run was started";
  throw new ModelFileError({ code: "CHECKPOINT_DAMAGED", at: { file }, message });
}
