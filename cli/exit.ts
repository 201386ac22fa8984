import { describeError } from "../runtime/script/errors.js";
import { say } from "./ui.js";

/** Exit statuses of every command. */
export const exitCodes = { done: 0, stale: 1, input: 2, failed: 3, bug: 70, interrupted: 130 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Says on stderr what went wrong and returns the exit status for it; the stack only where `debug` asks for it. */
export function reportError(error: unknown, options: { readonly debug: boolean }): ExitCode {
  const { text, status } = describeError(error);
  say(text);
  if (options.debug) {
    for (let cause = error; cause instanceof Error; cause = cause.cause) say(cause.stack ?? cause.message);
  }
  return status;
}

/** Ends the process once what was written has left it: a pipe may still hold output when a command is done. */
export async function exitWith(status: ExitCode): Promise<never> {
  await Promise.all(
    [process.stdout, process.stderr].map(
      (stream) => new Promise<void>((resolve) => (stream.destroyed ? resolve() : stream.write("", () => resolve()))),
    ),
  );
  process.exit(status);
}
