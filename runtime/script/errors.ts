import { basename, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { CompileError, isBaseError } from "../errors.js";

export interface DescribedError {
  /** What to print: codes, messages, places and hints; no stack. */
  readonly text: string;
  /** Exit status: 2 the user's input, 3 the run failed, 70 a defect. */
  readonly status: 2 | 3 | 70;
}

const above = fileURLToPath(new URL("../..", import.meta.url));
const root = basename(above) === "dist" ? dirname(above) : above;

/** Frames of a stack that lie here, or that source maps say come from here, are not the user's. */
const ownDirectories = ["dist", "runtime", "generators", "cli"].map((name) => join(root, name) + sep);

/** `model.ts:31:15`: where in the user's own files a call failed, if their files are in the stack at all. */
function userPlace(error: Error): string | undefined {
  for (const line of (error.stack ?? "").split("\n")) {
    const found = /^\s+at .*?\(?((?:file:\/\/)?\/[^()]*):(\d+):(\d+)\)?$/.exec(line);
    if (found === null) continue;
    const [, place = "", row, column] = found;
    const file = place.startsWith("file:") ? fileURLToPath(place) : place;
    if (ownDirectories.some((own) => file.startsWith(own)) || file.includes(`${sep}node_modules${sep}`)) continue;
    const near = relative(process.cwd(), file);
    return `${near.startsWith("..") ? file : near}:${row}:${column}`;
  }
  return undefined;
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
