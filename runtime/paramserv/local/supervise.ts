import type { Job } from "../job.js";
import type { Doorbell } from "./doorbell.js";
import type { Ending, LocalServer } from "./server.js";
import type { Team } from "./team.js";

/** Milliseconds that workers get to end by themselves, by how the run ended. A worker in a step ends after it. */
const grace = { completed: 5000, aborted: 1000, failed: 250 } as const;
/** Milliseconds that an optimizer's update, which never hangs, gets to end when the run is stopped. */
const updateGrace = 10_000;
/** Milliseconds between two looks at the clock. */
const tickInterval = 250;

interface Supervision {
  readonly job: Job;
  readonly server: LocalServer;
  readonly team: Team;
  readonly doorbell: Doorbell;
  /** Starts no thread where the run has been aborted. */
  start(): Promise<void>;
}

/** Runs to the end, whatever it is, and leaves no thread and no timer behind. */
export async function supervise({ job, server, team, doorbell, start }: Supervision): Promise<Ending> {
  const { signal, agg } = job.options;
  let timer: NodeJS.Timeout | undefined;
  let giveUp: (ending: Ending) => void = () => {};
  const givenUp = new Promise<Ending>((resolve) => {
    giveUp = resolve;
  });
  const stop = (): void => {
    server.stop();
    // A user function may never return: then its update is not made.
    timer = setTimeout(() => giveUp("aborted"), "module" in agg ? grace.aborted : updateGrace);
  };
  const clock = setInterval(() => {
    server.tick(performance.now());
    try {
      team.watch();
    } catch (error) {
      server.abandon(error);
    }
  }, tickInterval);
  let ending: Ending | "failed" = "failed";
  try {
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    else await start();
    ending = await Promise.race([server.ended, givenUp]);
    return ending;
  } finally {
    signal?.removeEventListener("abort", stop);
    clearTimeout(timer);
    clearInterval(clock);
    doorbell.close();
    await team.end(grace[ending]);
  }
}
