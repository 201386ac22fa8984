/** Exit statuses of every command. */
export const exitCodes = { done: 0, stale: 1, input: 2, failed: 3, bug: 70, interrupted: 130 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends the process once what was written has left it: a pipe may still hold output when a command is done. */
export async function exitWith(status: ExitCode): Promise<never> {
  await Promise.all(
    [process.stdout, process.stderr].map(
      (stream) => new Promise<void>((resolve) => (stream.destroyed ? resolve() : stream.write("", () => resolve()))),
    ),
  );
  process.exit(status);
}
