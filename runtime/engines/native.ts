import type * as OnnxRuntime from "onnxruntime-node";
import { type Problem, RunError } from "../errors.js";

/**
 * Loads onnxruntime's native library on first use, so that commands which never execute a graph start without it.
 * Throws ENGINE_UNAVAILABLE where it is not installed, or where the package has no library for this machine.
 */
export async function loadOnnxRuntime(): Promise<typeof OnnxRuntime> {
  try {
    return await import("onnxruntime-node");
  } catch (cause) {
    throw new RunError(unavailable(cause), { cause });
  }
}

/**
 * Why the package cannot be loaded. npm leaves it out of an installation where its install script fails: that script
 * fetches libraries for GPUs from nuget.org, which a machine may not reach and training on the CPU does not need.
 */
export function unavailable(cause: unknown): Problem {
  if (isMissing(cause))
    return {
      code: "ENGINE_UNAVAILABLE",
      message: "onnxruntime-node is not installed: npm leaves it out where its install script cannot reach nuget.org",
      hint: "npm install onnxruntime-node --ignore-scripts; the script fetches GPU libraries, which are not needed",
    };
  return {
    code: "ENGINE_UNAVAILABLE",
    message: `onnxruntime-node cannot be loaded on ${process.platform} ${process.arch}: ${nativeMessage(cause)}`,
    hint: "reinstall it with npm install onnxruntime-node --ignore-scripts; it has libraries for Linux, macOS and Windows on x64 and arm64",
  };
}

/** Whether the package itself was not found, and not something that it asks for. */
function isMissing(cause: unknown): boolean {
  const found = cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND";
  return found && cause.message.includes("'onnxruntime-node'");
}

/** The text of an error that native code threw, without trailing line breaks. */
export function nativeMessage(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).trim();
}

/**
 * Session options for training and data preparation on the CPU. Errors are not logged by the library (severity 4),
 * because every one of them is thrown as well and reaches the user once, with its place.
 *
 * Not level "all": its blocked layout needs constant weights to pay, and training feeds them. It would only put
 * reorderings around pools (LeNet's step, one thread: 74 ms against 70).
 */
export function cpuSessionOptions(threads: number): OnnxRuntime.InferenceSession.SessionOptions {
  return {
    executionProviders: ["cpu"],
    executionMode: "sequential",
    graphOptimizationLevel: "extended",
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  };
}
