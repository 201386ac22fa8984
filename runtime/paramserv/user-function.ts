import { inspect } from "node:util";
import { type ErrorCode, isBaseError, type Problem, RunError, type SourceRef } from "../errors.js";
import { filePath, framesOf } from "../stack.js";
import type { FunctionReference } from "./types.js";

/** A user function that was found; `call` turns what it throws into a RunError with the place in the user's code. */
export interface UserFunction {
  readonly reference: FunctionReference;
  /** @param where which worker, epoch and batch it is called for */
  call(input: unknown, where: string): Promise<unknown>;
}

/**
 * Loads a function by its module and name.
 *
 * @throws RunError USER_FUNCTION_MISSING when the module cannot be loaded or has no such function
 */
export async function loadUserFunction(reference: FunctionReference): Promise<UserFunction> {
  const exported = await importModule(reference);
  const found = exported[reference.name];
  if (typeof found !== "function") {
    const names = Object.entries(exported).filter(([, value]) => typeof value === "function");
    throw userError(reference, "USER_FUNCTION_MISSING", {
      message: `module ${reference.module} exports no function "${reference.name}"`,
      hint: `functions that it exports: ${names.map(([name]) => name).join(", ") || "none"}`,
    });
  }
  const run = found as (input: unknown) => unknown;
  return {
    reference,
    async call(input, where) {
      try {
        return await run(input);
      } catch (error) {
        const message = `${named(reference)} threw in ${where}: ${textOf(error)}`;
        throw userError(reference, "USER_FUNCTION_FAILED", { message, ...placeOf(error) }, error);
      }
    },
  };
}

/** What is wrong with what a user function returned: names the function, its module and the call. */
export function wrongResult({ reference }: UserFunction, where: string, what: string): RunError {
  const message = `${named(reference)} returned ${what} in ${where}`;
  return userError(reference, "USER_FUNCTION_INVALID", { message });
}

/** Any error as problems that can cross threads. `context` is the doer: `worker 1`. */
export function problemsOf(error: unknown, context: string): readonly Problem[] {
  if (isBaseError(error)) return error.problems;
  return [{ code: "WORKER_FAILED", message: `${context} failed: ${textOf(error)}`, ...placeOf(error) }];
}

async function importModule(reference: FunctionReference): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(reference.module)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const message = `module ${reference.module} of ${named(reference)} cannot be loaded: ${textOf(error)}`;
    throw userError(reference, "USER_FUNCTION_MISSING", { message, ...placeOf(error) }, error);
  }
}

function userError(
  reference: FunctionReference,
  code: ErrorCode,
  problem: Omit<Problem, "code">,
  cause?: unknown,
): RunError {
  return new RunError({ at: { file: filePath(reference.module) }, ...problem, code }, { cause });
}

function named({ name }: FunctionReference): string {
  return `function "${name}"`;
}

/** Anything may be thrown, also what String() fails on: an object without prototype, an error whose message throws. */
function textOf(error: unknown): string {
  try {
    if (error instanceof Error) return `${error.name}: ${error.message}`;
    return typeof error === "object" ? inspect(error, { breakLength: Number.POSITIVE_INFINITY }) : String(error);
  } catch {
    return "something that cannot be shown";
  }
}

/** The place of an error in somebody's file, their own before one of a package. */
function placeOf(error: unknown): { readonly at?: SourceRef } {
  const frames = error instanceof Error ? framesOf(error) : [];
  const at = frames.find(({ file }) => !file.includes("/node_modules/")) ?? frames[0];
  return at === undefined ? {} : { at };
}
