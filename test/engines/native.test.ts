import { describe, expect, test } from "vitest";
import { unavailable } from "../../runtime/engines/native.js";

/** The error that Node throws for an import that does not resolve. */
async function notFound(name: string): Promise<unknown> {
  return import(/* @vite-ignore */ name).catch((error: unknown) => error);
}
const nodeError = (message: string) => Object.assign(new Error(message), { code: "ERR_MODULE_NOT_FOUND" });

describe("an engine that cannot be loaded", () => {
  test("is said to be missing only where its own package is", async () => {
    expect(unavailable(nodeError("Cannot find package 'onnxruntime-node' imported from /x.js"))).toMatchObject({
      code: "ENGINE_UNAVAILABLE",
      message: expect.stringContaining("is not installed"),
      hint: expect.stringContaining("--ignore-scripts"),
    });
    const other = nodeError("Cannot find package 'onnxruntime-common' imported from /x.js");
    expect(unavailable(other).message).toContain("cannot be loaded");
    expect(unavailable(await notFound("paramserv-is-no-such-package")).message).toContain("cannot be loaded");
  });

  test("is told with the machine and what its library said", () => {
    const { message } = unavailable(new Error("libonnxruntime.so.1: cannot open shared object file\n"));
    expect(message).toBe(
      `onnxruntime-node cannot be loaded on ${process.platform} ${process.arch}: libonnxruntime.so.1: cannot open shared object file`,
    );
  });
});
