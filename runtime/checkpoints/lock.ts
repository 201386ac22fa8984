import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { RunError } from "../errors.js";
import { isRecord, parseJson } from "../json.js";
import { isRunning } from "../processes.js";
import { systemCode } from "./disk.js";

/** Says who writes checkpoints to a directory: a file, because Node has no locks of the system. */
const lockName = "lock";

/** Who holds a lock. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, as this system counts it; "" where it does not say. Process numbers are used again. */
  readonly began: string;
  /** Tells two locks of one process apart. */
  readonly token: string;
}

/** The holder shows that it lives by setting the file's time so often. */
const beatMilliseconds = 15_000;
/** A lock of another machine, or container, whose holder has not shown itself for so long is nobody's any more. */
const silenceMilliseconds = 60_000;

export interface Lock {
  release(): Promise<void>;
}

/** The locks that this process holds now: another one with its process number was left in another container, or life. */
const held = new Set<string>();

/**
 * Makes sure that one run at a time writes to a directory, which has to be there. A lock whose process runs no more is
 * taken over.
 *
 * @throws RunError CHECKPOINT_LOCKED
 */
export async function lockDirectory(directory: string): Promise<Lock> {
  const file = join(directory, lockName);
  const mine = { pid: process.pid, host: hostname(), began: beginningOf(process.pid), token: newToken() };
  for (;;) {
    if (await createLock(file, mine)) break;
    await takeAway(file);
  }
  held.add(mine.token);
  // A run that blocks its thread for a minute is no run; a file system that sets no times keeps the lock all the same.
  const beat = setInterval(() => void touch(file), beatMilliseconds).unref();
  return {
    async release() {
      clearInterval(beat);
      held.delete(mine.token);
      if ((await read(file))?.token === mine.token) await rm(file, { force: true });
    },
  };
}

const newToken = () => randomBytes(8).toString("hex");

async function touch(file: string): Promise<void> {
  await utimes(file, new Date(), new Date()).catch(() => {});
}

async function createLock(file: string, holder: Holder): Promise<boolean> {
  try {
    const handle = await open(file, "wx");
    try {
      await handle.writeFile(JSON.stringify(holder));
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** Removes a lock that is nobody's; refuses where it is somebody's. */
async function takeAway(file: string): Promise<void> {
  const found = await read(file);
  const silent = Date.now() - ((await stat(file).catch(() => undefined))?.mtimeMs ?? 0);
  if (isHeld(found, silent)) throw locked(file, found);
  // Two may come here at once. Whoever takes away the lock that the other has just made gives it back.
  const aside = `${file}-${newToken()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return;
    throw error;
  }
  const taken = await read(aside);
  if (taken?.token === found?.token) await rm(aside, { force: true });
  else {
    await rename(aside, file);
    throw locked(file, taken);
  }
}

async function read(file: string): Promise<Holder | undefined> {
  const value = parseJson(await readFile(file).catch(() => new Uint8Array()));
  if (!isRecord(value) || typeof value.pid !== "number" || typeof value.host !== "string") return undefined;
  return { pid: value.pid, host: value.host, began: String(value.began), token: String(value.token) };
}

/** Without a readable holder the lock is being made, or its maker was killed just then. */
function isHeld(holder: Holder | undefined, silent: number): boolean {
  if (holder === undefined || holder.host !== hostname()) return silent < silenceMilliseconds;
  if (holder.pid === process.pid) return held.has(holder.token);
  return isRunning(holder.pid) && holder.began === beginningOf(holder.pid);
}

/** `starttime` of proc_pid_stat(5), the 22nd field; the name before it may hold blanks and brackets. */
function beginningOf(pid: number): string {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return fields[19] ?? "";
  } catch {
    return "";
  }
}

function locked(file: string, holder: Holder | undefined): RunError {
  const who = holder === undefined ? "another run" : `process ${holder.pid} on ${holder.host}`;
  return new RunError({
    code: "CHECKPOINT_LOCKED",
    at: { file },
    message: `${who} writes checkpoints to this directory, expected one run at a time`,
    hint: "wait for it or choose another directory; if that is no run of paramserv, remove the file",
  });
}
