import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { lockDirectory } from "../../runtime/checkpoints/lock.js";
import { problemsOf, temporaryDirectory } from "../data/files.js";

const { path: root } = temporaryDirectory();
let directory = "";
let count = 0;
beforeEach(() => {
  directory = join(root, `run-${count++}`);
  mkdirSync(directory);
});

const file = () => join(directory, "lock");
const refused = (who: string) => [
  `CHECKPOINT_LOCKED ${who} writes checkpoints to this directory, expected one run at a time`,
];
const leave = (holder: object) => writeFileSync(file(), JSON.stringify({ began: "", token: "t", ...holder }));
const setAge = (seconds: number) => {
  const time = Date.now() / 1000 - seconds;
  utimesSync(file(), time, time);
};

describe("the lock of a directory", () => {
  it("is one run's until that releases it", async () => {
    const lock = await lockDirectory(directory);
    expect(await problemsOf(lockDirectory(directory))).toEqual(refused(`process ${process.pid} on ${hostname()}`));
    await lock.release();
    expect(readdirSync(directory)).toEqual([]);
    await (await lockDirectory(directory)).release();
  });

  it("is one's of many who want it at once", async () => {
    leave({ pid: 4194304999, host: hostname() });
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(directory)));
    const locks = outcomes.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(locks.length).toBe(1);
    for (const lock of locks) await lock.release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it("is taken over from a process that was killed", async () => {
    const child = spawnSync(process.execPath, ["-e", "process.kill(process.pid, 'SIGKILL')"]);
    leave({ pid: child.pid, host: hostname() });
    await (await lockDirectory(directory)).release();
  });

  it("is taken over where another process has the number by now", async () => {
    const child = spawn("sleep", ["60"]);
    try {
      leave({ pid: child.pid, host: hostname(), began: "1" });
      await (await lockDirectory(directory)).release();
    } finally {
      child.kill();
    }
  });

  it("is held by a running process of another run", async () => {
    const child = spawn("sleep", ["60"]);
    try {
      const began = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19];
      leave({ pid: child.pid, host: hostname(), began });
      setAge(3600);
      expect(await problemsOf(lockDirectory(directory))).toEqual(refused(`process ${child.pid} on ${hostname()}`));
    } finally {
      child.kill();
    }
  });

  it("is taken over from this process' number where that was in another life", async () => {
    leave({ pid: process.pid, host: hostname() });
    await (await lockDirectory(directory)).release();
  });

  it("of another machine is held while that shows itself, a minute at most", async () => {
    leave({ pid: process.pid, host: "another" });
    setAge(50);
    expect(await problemsOf(lockDirectory(directory))).toEqual(refused(`process ${process.pid} on another`));
    setAge(70);
    await (await lockDirectory(directory)).release();
  });

  it("that is being made is held, and one whose making was cut short is not, after a minute", async () => {
    writeFileSync(file(), "");
    expect(await problemsOf(lockDirectory(directory))).toEqual(refused("another run"));
    setAge(70);
    await (await lockDirectory(directory)).release();
  });

  it("that somebody else has taken over stays when it is released", async () => {
    const lock = await lockDirectory(directory);
    leave({ pid: 1, host: "another" });
    await lock.release();
    expect(readdirSync(directory)).toEqual(["lock"]);
  });
});
