import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { interrupt, watchInterrupts } from "../../runtime/script/interrupts.js";

class Exit extends Error {}

describe("watching for interrupts", () => {
  let said: string[] = [];
  const say = (text: string) => said.push(text);
  let now = 0;
  beforeEach(() => {
    said = [];
    now = 1000;
    vi.spyOn(process, "exit").mockImplementation((status) => {
      throw new Exit(String(status));
    });
    vi.spyOn(performance, "now").mockImplementation(() => now);
  });
  afterEach(() => vi.restoreAllMocks());

  it("ends the process before the training began, and says that nothing is kept", () => {
    const interrupts = watchInterrupts(say);
    const kill = vi.spyOn(process, "kill").mockReturnValue(true);
    vi.spyOn(process, "removeAllListeners").mockReturnThis();
    expect(interrupt()).toBe(true);
    expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, "SIGINT");
    expect(said).toEqual(["stopped before the training began; there is nothing to keep"]);
    interrupts.release();
  });

  it("stops the training at the first interrupt and ends the process at the second", () => {
    const interrupts = watchInterrupts(say);
    interrupts.begin();
    expect(interrupt()).toBe(true);
    expect(interrupts.signal.aborted).toBe(true);
    expect(said).toEqual(["stopping after the updates under way; Ctrl-C again stops at once and keeps nothing"]);
    now += 299;
    expect(interrupt()).toBe(true);
    now += 2;
    const kill = vi.spyOn(process, "kill").mockReturnValue(true);
    vi.spyOn(process, "removeAllListeners").mockReturnThis();
    expect(interrupt()).toBe(true);
    expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, "SIGINT");
    expect(said.at(-1)).toBe("stopped at once; nothing was kept");
    interrupts.release();
    // What an interrupted process says last is not cut short by the same interrupt, passed on late.
    const late = process.listeners("SIGINT").at(-1);
    expect(late).toBeDefined();
    expect(() => late?.("SIGINT")).not.toThrow();
    if (late !== undefined) process.off("SIGINT", late).off("SIGTERM", late);
  });

  it("leaves signals alone once it is released", () => {
    const before = process.listenerCount("SIGINT");
    const interrupts = watchInterrupts(say);
    expect(process.listenerCount("SIGINT")).toBe(before + 1);
    interrupts.release();
    expect(process.listenerCount("SIGINT")).toBe(before);
    expect(interrupt()).toBe(false);
  });
});
