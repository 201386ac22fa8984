import { describe, expect, it } from "vitest";
import { Driver, slots } from "./driver.js";

const deadlines = (given: { join?: number; work?: number; silence?: number }) => ({
  deadlines: { join: null, work: null, silence: null, ...given },
});
const beat = { kind: "beat" } as const;

describe("a deadline", () => {
  it("of workers to come: the slots are shared among those that are there", () => {
    const driver = new Driver(slots(3, deadlines({ join: 100 })));
    driver.join(0);
    // A wait begins with the first tick after it began, from any origin.
    expect(driver.tick(5000)).toEqual([]);
    expect(driver.tick(5099)).toEqual([]);
    expect(driver.tick(5100)).toEqual(["lease 0: 1.0", "lease 0: 2.0", "grant 0: 0.0"]);
  });

  it("of workers to come, when none comes, ends the run", () => {
    const driver = new Driver(slots(2, deadlines({ join: 100 })));
    driver.tick(0);
    expect(driver.tick(100)).toEqual(["fail: WORKER_MISSING no worker came within 100 ms; the run has 2 slots"]);
    const other = new Driver(slots(2));
    other.tick(0);
    expect(other.tick(1e12)).toEqual([]);
    expect(other.host({ kind: "unreplaced" })).toEqual([
      "fail: WORKER_MISSING no worker came for the slots that nobody holds; the run has 2 slots",
    ]);
  });

  it("of a replacement: its slots are shared, to who holds fewest; with nobody left the run ends with the cause", () => {
    const driver = new Driver(slots(3, deadlines({ join: 100 }), 2));
    driver.join(0, 1, 2);
    driver.tick(0);
    expect(driver.lost(2)).toEqual(["replace 2: WORKER_FAILED"]);
    driver.tick(50);
    driver.tick(149);
    expect(driver.tick(150)).toEqual(["lease 0: 2.0"]);
    expect(driver.lost(0)).toEqual(["replace 0: WORKER_FAILED"]);
    expect(driver.host({ kind: "unreplaced" })).toEqual(["lease 1: 0.0", "lease 1: 2.0"]);
    driver.lost(1);
    driver.tick(200);
    expect(driver.tick(300)).toEqual(["fail: WORKER_FAILED it died"]);
  });

  it("of a sign of life: any message is one", () => {
    const driver = new Driver(slots(2, deadlines({ silence: 100 })));
    driver.join(0, 1);
    driver.tick(0);
    driver.tick(90);
    expect(driver.say(0, beat)).toEqual([]);
    expect(driver.tick(99)).toEqual([]);
    expect(driver.tick(100)).toEqual(["replace 1: WORKER_SILENT"]);
    expect(driver.protocol.state.problems).toEqual([
      { code: "WORKER_SILENT", message: "worker 1 gave no sign of life for 100 ms" },
    ]);
    // A duplicate shows life, too.
    driver.send({ ...beat, from: { worker: 0, incarnation: 0 }, seq: 2 });
    expect(driver.tick(199)).toEqual([]);
    expect(driver.tick(298)).toEqual([]);
    expect(driver.tick(299)).toEqual(["replace 0: WORKER_SILENT"]);
    expect(driver.pulled(0, 0, 0)).toEqual(["refused 0 PROTOCOL_FENCED: worker 0 is held to be gone"]);
  });

  it("of work: a pull with its computation, and each part", () => {
    const late = (driver: Driver) => driver.protocol.state.problems.map(({ code, message }) => `${code} ${message}`);
    const driver = new Driver(slots(1, { ...deadlines({ work: 100 }), validate: true, attempts: 9 }));
    let incarnation = 0;
    const comeBack = () => {
      incarnation += 1;
      return driver.say(0, { kind: "join" }, incarnation);
    };
    driver.join(0);
    driver.tick(0);
    driver.pulled(0, 0, 0);
    driver.tick(99);
    expect(driver.tick(100)).toEqual(["replace 0: WORKER_LATE"]);
    expect(late(driver)).toEqual(["WORKER_LATE worker 0 did not push item 0 of slot 0 within 100 ms"]);
    comeBack();
    driver.say(0, { kind: "pulled", slot: 0, clock: 0 }, incarnation);
    driver.say(0, { kind: "push", slot: 0, clock: 0, rows: 1, figures: "" }, incarnation);
    driver.tick(110);
    expect(driver.tick(210)).toEqual(["replace 0: WORKER_LATE"]);
    expect(late(driver)).toEqual(["WORKER_LATE worker 0 did not make its part of an update within 100 ms"]);
    comeBack();
    driver.say(0, { kind: "applied", version: 0, phase: 0, part: 0 }, incarnation);
    driver.tick(220);
    driver.tick(320);
    expect(late(driver)).toEqual(["WORKER_LATE worker 0 did not copy its part of the weights within 100 ms"]);
    comeBack();
    driver.say(0, { kind: "copied", version: 1, part: 0 }, incarnation);
    driver.tick(330);
    driver.tick(430);
    expect(late(driver)).toEqual([
      "WORKER_LATE worker 0 did not evaluate its part of the validation rows within 100 ms",
    ]);
    // An idle worker is never late.
    const idle = new Driver(slots(1, deadlines({ work: 100 })));
    idle.join(0, 1);
    idle.learn(0, 0, 0);
    idle.tick(0);
    expect(idle.protocol.state.workers[1]?.since ?? idle.protocol.state.workers[0]?.since).toBe(0);
  });

  it("is not met sooner because time goes back, and begins anew with a new server", () => {
    const driver = new Driver(slots(1, deadlines({ silence: 100 })));
    driver.join(0);
    driver.tick(1000);
    driver.say(0, beat);
    expect(driver.tick(10)).toEqual([]);
    expect(driver.protocol.state.now).toBe(1000);
    expect(driver.tick(1099)).toEqual([]);
    const again = new Driver(driver.config, JSON.parse(JSON.stringify(driver.protocol.state)));
    expect(again.tick(5)).toEqual([]);
    expect(again.tick(104)).toEqual([]);
    expect(again.tick(105)).toEqual(["replace 0: WORKER_SILENT"]);
  });

  it("that ends the run ends it once", () => {
    const driver = new Driver(slots(2, { ...deadlines({ work: 100, join: 100 }), attempts: 1 }));
    driver.join(0, 1);
    driver.tick(0);
    expect(driver.tick(100)).toEqual(["fail by 0: WORKER_LATE worker 0 did not push item 0 of slot 0 within 100 ms"]);
  });
});
