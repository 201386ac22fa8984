import { join, relative, sep } from "node:path";
import { CompileError, isBaseError } from "../errors.js";
import { installationRoot } from "../installation.js";
import { framesOf } from "../stack.js";

export interface DescribedError {
  /** What to print: codes, messages, places and hints; no stack. */
  readonly text: string;
  /** Exit status: 2 the user's input, 3 the run failed, 70 a defect. */
  readonly status: 2 | 3 | 70;
}

/** `model.ts:31:15`: where in the user's own files a call failed, if their files are in the stack at all. */
function userPlace(error: Error): string | undefined {
  // Frames of a stack that lie here, or that source maps say come from here, are not the user's.
  const ours = ["dist", "runtime", "generators", "cli"].map((name) => join(installationRoot(), name) + sep);
  const frame = framesOf(error).find(({ file, column }) => {
    const own = ours.some((directory) => file.startsWith(directory));
    return column !== undefined && !own && !file.includes(`${sep}node_modules${sep}`);
  });
  if (frame === undefined) return undefined;
  const near = relative(process.cwd(), frame.file);
  return `${near.startsWith("..") ? frame.file : near}:${frame.line}:${frame.column}`;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "code" in error;
}

/**
 * What a script says about an error, and the status it exits with. An error of ours is told as it is. A mistake in the
 * user's own code (a layer, an optimizer, an option) has no place in a file that was read: the line that led to it is
 * added.
 */
export function describeError(error: unknown): DescribedError {
  const place = error instanceof Error ? userPlace(error) : undefined;
  const from = place === undefined ? "" : `\n  called from ${place}`;
  if (isBaseError(error)) {
    const inCode = error.name === CompileError.name && error.problems.every(({ at }) => at === undefined);
    return { text: `${error.message}${inCode ? from : ""}`, status: error.exitStatus };
  }
  if (isSystemError(error)) return { text: `CLI_SYSTEM_FAILED: ${error.message}${from}`, status: 3 };
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const hint = "if the code it comes from is as it was generated, this is a defect in paramserv: please report it";
  return { text: `INTERNAL: ${message}${from}\n  hint: ${hint}; --debug prints the stack`, status: 70 };
}

/** Says on stderr what went wrong and returns the exit status for it; the stacks only where `debug` asks for them. */
export function reportError(error: unknown, options: { readonly debug: boolean }): DescribedError["status"] {
  const { text, status } = describeError(error);
  const causes: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) causes.push(cause.stack ?? cause.message);
  process.stderr.write([text, ...(options.debug ? causes : [])].map((line) => `${line}\n`).join(""));
  return status;
}
