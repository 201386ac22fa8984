import { isAbsolute, join, relative, sep } from "node:path";
import { CompileError, formatProblem, formatSourceRef, isBaseError, type Problem, type SourceRef } from "../errors.js";
import { installationRoot } from "../installation.js";
import { errorEvent, jsonLine } from "../report/json.js";
import { framesOf } from "../stack.js";

export interface DescribedError {
  /** What to print: codes, messages, places and hints; no stack. */
  readonly text: string;
  /** The same as plain data. */
  readonly problems: readonly Problem[];
  /** Exit status: 2 the user's input, 3 the run failed, 70 a defect. */
  readonly status: 2 | 3 | 70;
}

/** Where in the user's own files a call failed, if their files are in the stack at all. */
function userPlace(error: Error): SourceRef | undefined {
  // Frames of a stack that lie here, or that source maps say come from here, are not the user's.
  const ours = ["dist", "runtime", "generators", "cli"].map((name) => join(installationRoot(), name) + sep);
  const frame = framesOf(error).find(({ file, column }) => {
    const own = ours.some((directory) => file.startsWith(directory));
    // Node's own modules have names such as `node:fs`, or none that begins at a root.
    return column !== undefined && isAbsolute(file) && !own && !file.includes(`${sep}node_modules${sep}`);
  });
  if (frame === undefined) return undefined;
  const near = relative(process.cwd(), frame.file);
  return { ...frame, file: near.startsWith("..") ? frame.file : near };
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
  const at = error instanceof Error ? userPlace(error) : undefined;
  const from = at === undefined ? "" : `\n  called from ${formatSourceRef(at)}`;
  const place = at === undefined ? {} : { at };
  if (isBaseError(error)) {
    const { message: text, problems, exitStatus: status } = error;
    const inCode = error.name === CompileError.name && problems.every(({ at }) => at === undefined);
    if (!inCode) return { text, problems, status };
    return { text: `${text}${from}`, problems: problems.map((problem) => ({ ...problem, ...place })), status };
  }
  if (isSystemError(error)) {
    const problem = { code: "CLI_SYSTEM_FAILED", message: error.message } as const;
    return { text: `${formatProblem(problem)}${from}`, problems: [{ ...problem, ...place }], status: 3 };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const defect = "if the code it comes from is as it was generated, this is a defect in paramserv: please report it";
  const hint = `${defect}; --debug prints the stack`;
  const problem = { code: "INTERNAL", message } as const;
  const text = `${formatProblem(problem)}${from}\n  hint: ${hint}`;
  return { text, problems: [{ ...problem, ...place, hint }], status: 70 };
}

/** What a program that reads stdout is told of a failure: text for stdout, line ends included. */
export type FailurePrinter = (problems: readonly Problem[], status: DescribedError["status"]) => string;

/** The last line of `--json` where something failed. */
export const failureLine: FailurePrinter = (problems, status) => jsonLine(errorEvent(problems, status));

export interface ReportOptions {
  /** Prints the stacks, too. */
  readonly debug: boolean;
  /** Default: nothing on stdout. */
  readonly onStdout?: FailurePrinter | undefined;
}

/** Says on stderr what went wrong, on stdout too where a program reads it, and returns the exit status for it. */
export function reportError(error: unknown, { debug, onStdout }: ReportOptions): DescribedError["status"] {
  const { text, problems, status } = describeError(error);
  const causes: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) causes.push(cause.stack ?? cause.message);
  process.stderr.write([text, ...(debug ? causes : [])].map((line) => `${line}\n`).join(""));
  if (onStdout !== undefined) process.stdout.write(onStdout(problems, status));
  return status;
}
