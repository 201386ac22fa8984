import type { Problem } from "../errors.js";
import { isRecord } from "../json.js";
import type { RowsRecord } from "./fingerprint.js";
import type { RunIdentity } from "./manifest.js";
import type { LoadedCheckpoint } from "./read-checkpoint.js";

/** What a run is that shall go on: {@link RunIdentity}, and the arrays that it wants. */
export interface ResumingRun {
  readonly run: RunIdentity;
  /** Shapes by name, slots as `optimizer/history/conv1.weight`. */
  readonly arrays: ReadonlyMap<string, readonly number[]>;
}

/**
 * Options that may differ: they change no number. `epochs` has a rule of its own; `timeout` says how long to wait. All others have to be the same: also
 * `threads`, because an engine may add in another order with other threads.
 */
const free: readonly string[] = ["mode", "epochs", "timeout"];

/**
 * Everything in which a run differs from the one of a checkpoint, where going on would make other numbers: the network, the
 * options one by one, the rows, and arrays that are missing.
 */
export function resumeProblems(checkpoint: LoadedCheckpoint, { run, arrays }: ResumingRun): readonly Problem[] {
  const { manifest, path } = checkpoint;
  const messages = [
    ...networkMessages(manifest, run),
    ...optionMessages(manifest, run),
    ...epochMessages(manifest, run),
    ...rowMessages("rows to learn from", manifest.data.training, run.data.training),
    ...rowMessages("rows to validate with", manifest.data.validation, run.data.validation),
  ];
  // Of another network the arrays differ anyway.
  const all = messages.length > 0 ? messages : arrayMessages(checkpoint.arrays, arrays);
  return all.map(({ message, hint }): Problem => {
    return { code: "CHECKPOINT_RUN_DIFFERENT", at: { file: path }, message, ...(hint === undefined ? {} : { hint }) };
  });
}

interface Message {
  readonly message: string;
  readonly hint?: string;
}

function networkMessages(before: RunIdentity, now: RunIdentity): readonly Message[] {
  if (before.network !== now.network) {
    return [{ message: `found network ${quoted(now.network)}, expected ${quoted(before.network)}` }];
  }
  if (before.program === now.program) return [];
  const message = `network ${quoted(now.network)} compiles to other graphs than the run's did, expected the same`;
  return [{ message, hint: "a layer was changed, or paramserv has another version; --from starts from the weights" }];
}

function optionMessages({ options: before }: RunIdentity, { options: now }: RunIdentity): readonly Message[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((name) => !free.includes(name));
  return names.flatMap((name) =>
    differences(name, before[name], now[name]).map(([path, expected, found]) => ({
      message: `option ${path} is ${shown(found)}, expected ${shown(expected)} as the run had it`,
    })),
  );
}

/** A run may be made longer, or shorter by epochs that are still to come. */
function epochMessages(
  { options: before, epoch }: RunIdentity & { readonly epoch: number },
  { options: now }: RunIdentity,
): readonly Message[] {
  if (now.epochs === before.epochs || Number(now.epochs) >= epoch) return [];
  return [{ message: `option epochs is ${shown(now.epochs)}, expected at least ${epoch}, which the run has come to` }];
}

function rowMessages(what: string, before: RowsRecord | undefined, now: RowsRecord | undefined): readonly Message[] {
  const count = (record: RowsRecord | undefined) => (record === undefined ? "no" : String(record.rows));
  if (count(before) !== count(now)) return [{ message: `found ${count(now)} ${what}, expected ${count(before)}` }];
  const [old, fresh] = [before?.columns ?? {}, now?.columns ?? {}];
  const names = [...new Set([...Object.keys(old), ...Object.keys(fresh)])];
  return names.flatMap((name): readonly Message[] => {
    if (old[name] === fresh[name]) return [];
    const hint = "the data file, its preparation or the split has changed; --data names a file that was moved";
    return [{ message: `the ${what} differ in ${name}, expected those of the run`, hint }];
  });
}

function arrayMessages(found: LoadedCheckpoint["arrays"], wanted: ResumingRun["arrays"]): readonly Message[] {
  const names = [...new Set([...found.keys(), ...wanted.keys()])];
  return names.flatMap((name): readonly Message[] => {
    const [here, there] = [wanted.get(name), found.get(name)];
    if (String(here) === String(there)) return [];
    const text = (shape: readonly number[] | undefined) =>
      shape === undefined ? "none" : `one of [${shape.join(",")}]`;
    return [{ message: `array ${quoted(name)}: the checkpoint has ${text(there)}, expected ${text(here)}` }];
  });
}

type Difference = readonly [path: string, before: unknown, now: unknown];

/** What says which options an optimizer, or a schedule, has: those of another one are not compared. */
const kinds: readonly string[] = ["type", "policy"];

/** Where two plain values differ, by path. */
function differences(path: string, before: unknown, now: unknown): readonly Difference[] {
  if (isRecord(before) && isRecord(now)) {
    const kind = kinds.find((name) => before[name] !== now[name]);
    if (kind !== undefined) return [[`${path}.${kind}`, before[kind], now[kind]]];
    const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
    return names.flatMap((name) => differences(`${path}.${name}`, before[name], now[name]));
  }
  return JSON.stringify(before) === JSON.stringify(now) ? [] : [[path, before, now]];
}

const quoted = (text: string) => JSON.stringify(text);
const shown = (value: unknown) => (value === undefined ? "not given" : JSON.stringify(value));
