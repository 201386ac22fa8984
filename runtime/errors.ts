import { type ErrorCode, type ExitStatus, errorCodes } from "./error-codes.js";
import { printable } from "./printable.js";

export { type ErrorCode, errorCodes } from "./error-codes.js";

/**
 * Every failure a user can meet is a row of {@link errorCodes} and reaches them as a {@link BaseError}: what was found,
 * what was expected, where, and a hint. An error may carry several problems, so a file is reported whole.
 */

/** Where in a user's file something is. Every part is optional; `line` and `column` count from 1. */
export interface SourceRef {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** A path inside the file where lines mean little: a JSON path, a node name, an option name. */
  readonly path?: string;
}

export interface Problem {
  readonly code: ErrorCode;
  /** What was found and what was expected, both values, one sentence, no full stop. */
  readonly message: string;
  readonly at?: SourceRef;
  /** Advice: what to do about it. */
  readonly hint?: string;
}

/** Something that is no error: what has no effect here, was adjusted or decided. Shown, never silent. */
export type Note = Omit<Problem, "code">;

/** Prints a place as `file:line:column`, with the path inside the file in parentheses. */
export function formatSourceRef(at: SourceRef): string {
  const place = printable([at.file, at.line, at.column].filter((part) => part !== undefined).join(":"));
  if (at.path === undefined) return place;
  const path = printable(at.path);
  return place === "" ? path : `${place} (${path})`;
}

/** What comes from files cannot steer the terminal, nor begin a line of its own. */
function formatFinding(kind: string, { at, message, hint }: Note): string {
  const place = at ? formatSourceRef(at) : "";
  const head = `${place === "" ? "" : `${place} `}${kind}: ${printable(message)}`;
  return hint === undefined ? head : `${head}\n  hint: ${printable(hint)}`;
}

/** Prints a problem as `place CODE: message` and, on a second line, its hint. */
export function formatProblem(problem: Problem): string {
  return formatFinding(problem.code, problem);
}

/** Prints a note as `place note: message` and, on a second line, its hint. */
export function formatNote(note: Note): string {
  return formatFinding("note", note);
}

/** The base of all errors thrown on purpose. Recognise one with {@link isBaseError}, not `instanceof`. */
export abstract class BaseError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: Problem | readonly Problem[], options?: { cause?: unknown }) {
    const all = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem];
    super(all.map(formatProblem).join("\n"), options);
    this.name = new.target.name;
    this.problems = all;
  }

  /** The code of the first problem. */
  get code(): ErrorCode {
    return this.problems[0]?.code ?? "INTERNAL";
  }

  /** The worst exit status among the problems. */
  get exitStatus(): ExitStatus {
    const found = new Set(this.problems.map(({ code }): ExitStatus => errorCodes[code].exit));
    if (found.has(70)) return 70;
    return found.has(3) ? 3 : 2;
  }
}

/** A command, option or argument is missing, misspelt or has a value that it does not take; in a configuration file, too. */
export class UsageError extends BaseError {}
/** The user's model or data file is at fault. */
export class ModelFileError extends BaseError {}
/** A network, graph or option cannot be compiled to a program. */
export class CompileError extends BaseError {}
/** Something failed while running: data, engine, worker, disk. */
export class RunError extends BaseError {}
/** A message broke the parameter-server protocol. */
export class ProtocolError extends BaseError {}

export function isBaseError(error: unknown): error is BaseError {
  return error instanceof Error && Array.isArray((error as Partial<BaseError>).problems) && "exitStatus" in error;
}

/** For the end of an exhaustive switch: reaching it is a defect of ours. */
export function assertNever(value: never, what: string): never {
  throw internalError(`unexpected ${what}: ${JSON.stringify(value)}`);
}

/** A broken invariant of ours. */
export function internalError(message: string): RunError {
  return new RunError({ code: "INTERNAL", message, hint: "this is a defect in paramserv; please report it" });
}
