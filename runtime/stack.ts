import { fileURLToPath } from "node:url";

/** A line of an error's stack that names a file. A syntax error begins with one that has no column. */
export interface StackFrame {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

/** `at name (file:///x.mjs:3:9)`, and the `file:///x.mjs:3` that a syntax error begins with; not `(node:internal/fs:3:9)`. */
const framePattern = /^\s+at (?:.*?[ (])?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):(\d+)\)?$/;
const syntaxErrorPattern = /^(file:\/\/\S+?):(\d+)$/;

/** The places in files of an error's stack, innermost first, as V8 prints them. */
export function framesOf(error: Error): readonly StackFrame[] {
  return stackOf(error)
    .split("\n")
    .flatMap((text): readonly StackFrame[] => {
      const [, file, line, column] = framePattern.exec(text) ?? syntaxErrorPattern.exec(text) ?? [];
      if (file === undefined) return [];
      return [
        { file: filePath(file), line: Number(line), ...(column === undefined ? {} : { column: Number(column) }) },
      ];
    });
}

/** Whoever throws may have written anything there; and V8 reads the message when it first writes the stack. */
function stackOf(error: Error): string {
  try {
    const stack: unknown = error.stack;
    return typeof stack === "string" ? stack : "";
  } catch {
    return "";
  }
}

/** The path of a `file:` URL; anything else, and a URL that names no file, as it is. */
export function filePath(module: string): string {
  try {
    return module.startsWith("file:") ? fileURLToPath(module) : module;
  } catch {
    return module;
  }
}
