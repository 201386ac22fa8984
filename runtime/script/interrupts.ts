import { reportError } from "./errors.js";

/** A second interrupt within this time is the same one: npx and npm pass on what the terminal has sent already. */
const sameInterruptMilliseconds = 300;

/** Watches for Ctrl-C (SIGINT), SIGTERM and a closed output pipe while something is trained. */
export interface Interrupts {
  /** Fires at the first interrupt once {@link begin} was called. */
  readonly signal: AbortSignal;
  /** The training begins: from now on there is something to keep. */
  begin(): void;
  /** Back to what the process does by default. */
  release(): void;
}

let current: { readonly interrupt: () => void; readonly isTraining: () => boolean } | undefined;

function ignore(): void {}

/** Interrupts the training that watches for it; false where none does. */
export function interrupt(): boolean {
  current?.interrupt();
  return current !== undefined;
}

/**
 * Ends the process as SIGINT does where nobody listens (shells see 130). process.exit() would end the worker threads
 * first, and waits for one that computes, which then takes the process down with an abort; and for a read that hangs.
 */
function endBySignal(): void {
  process.removeAllListeners("SIGINT");
  process.kill(process.pid, "SIGINT");
}

/**
 * From here on the first interrupt fires `signal` and the second one ends the process at once. Before `begin` the first
 * one ends it already.
 */
export function watchInterrupts(say: (text: string) => void): Interrupts {
  const controller = new AbortController();
  let first = 0;
  let training = false;
  const handle = (): void => {
    if (!training) {
      say("stopped before the training began; there is nothing to keep");
      endBySignal();
      return;
    }
    if (!controller.signal.aborted) {
      first = performance.now();
      say("stopping after the updates under way; Ctrl-C again stops at once and keeps nothing");
      controller.abort();
    } else if (performance.now() - first > sameInterruptMilliseconds) {
      say("stopped at once; nothing was kept");
      endBySignal();
    }
  };
  current = { interrupt: handle, isTraining: () => training };
  process.on("SIGINT", handle).on("SIGTERM", handle);
  return {
    signal: controller.signal,
    begin() {
      training = true;
    },
    release() {
      current = undefined;
      process.off("SIGINT", handle).off("SIGTERM", handle);
      // The process is about to end: the same interrupt, passed on late, must not cut its last words short.
      if (controller.signal.aborted) process.on("SIGINT", ignore).on("SIGTERM", ignore);
    },
  };
}

/**
 * Who reads stdout may stop reading, as `head` does: the process then ends quietly, as other tools do. A training that
 * has begun ends as it does at Ctrl-C, and keeps its weights.
 */
export function endWithReader(): void {
  let stopping = false;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") process.exit(reportError(error, { debug: false }));
    stopping ||= current?.isTraining() === true && interrupt();
    if (!stopping) process.exit(0);
  });
  process.stderr.on("error", () => undefined);
}
