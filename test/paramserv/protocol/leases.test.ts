import { describe, expect, it } from "vitest";
import { Driver, problems, short, slots } from "./driver.js";

const asp = { strategy: "ASP" } as const;
const leave = { kind: "leave" } as const;

describe("leases", () => {
  it("go to workers in order of joining, and the run begins when every slot is leased", () => {
    const driver = new Driver(slots(2));
    expect(driver.join(7)).toEqual(["lease 7: 0.0"]);
    expect(driver.join(3)).toEqual(["lease 3: 1.0", "grant 7: 0.0", "grant 3: 1.0"]);
    expect(driver.join(5)).toEqual([]);
    expect(driver.protocol.state.spares).toEqual([5]);
  });

  it("of a lost worker wait for its replacement; the item is granted again, at its clock", () => {
    const driver = new Driver(slots(2, {}, 3));
    driver.join(0, 1);
    driver.pulled(0, 0, 0);
    expect(driver.lost(0)).toEqual(["replace 0: WORKER_FAILED"]);
    expect(driver.lost(0)).toEqual([]);
    expect(driver.learn(1, 1, 0)).toEqual([]);
    expect(driver.say(0, { kind: "join" }, 1)).toEqual(["lease 0.1: 0.0", "grant 0.1: 0.0"]);
    // An old message of the host is about nobody.
    expect(driver.lost(0, 0)).toEqual([]);
    expect(driver.say(0, { kind: "pulled", slot: 0, clock: 0 }, 1)).toEqual([]);
  });

  it("of a lost worker go to a spare at once, all of them", () => {
    const driver = new Driver(slots(3, asp, 2));
    driver.join(0);
    expect(driver.host({ kind: "unreplaced" })).toEqual(["lease 0: 1.0", "lease 0: 2.0", "grant 0: 0.0"]);
    expect(driver.host({ kind: "unreplaced" })).toEqual([]);
    // The first item is under way, so the spares take the others.
    expect(driver.join(1)).toEqual(["lease 1: 1.0", "grant 1: 1.0"]);
    expect(driver.join(2)).toEqual(["lease 2: 2.0", "grant 2: 2.0"]);
    expect(driver.join(3)).toEqual([]);
    expect(driver.lost(1)).toEqual(["replace 1: WORKER_FAILED", "lease 3: 1.0", "grant 3: 1.0"]);
  });

  it("of a lost worker with several slots go to one that joins", () => {
    const driver = new Driver(slots(3, asp, 2));
    driver.join(0);
    driver.host({ kind: "unreplaced" });
    driver.lost(0);
    expect(driver.join(1)).toEqual(["lease 1: 1.0", "lease 1: 0.0", "lease 1: 2.0", "grant 1: 1.0"]);
    expect(driver.protocol.state.vacant.items.slice(driver.protocol.state.vacant.head)).toEqual([]);
  });

  it("of one lost worker do not go with those of another", () => {
    const driver = new Driver(slots(4, asp, 2));
    driver.join(0, 1);
    expect(driver.host({ kind: "unreplaced" }).slice(0, 2)).toEqual(["lease 0: 2.0", "lease 1: 3.0"]);
    driver.lost(0);
    driver.lost(1);
    expect(driver.join(2)).toEqual(["lease 2: 2.0", "lease 2: 0.0", "grant 2: 2.0"]);
    expect(driver.join(3)).toEqual(["lease 3: 3.0", "lease 3: 1.0", "grant 3: 3.0"]);
  });

  it("are handed over when no item is under way: at the next commit, to who waits longest", () => {
    const driver = new Driver(slots(2, {}, 2));
    driver.join(0);
    expect(driver.host({ kind: "unreplaced" })).toEqual(["lease 0: 1.0", "grant 0: 0.0"]);
    expect(driver.learn(0, 0, 0)).toEqual(["grant 0: 1.0"]);
    expect(driver.join(1)).toEqual([]);
    expect(driver.join(2)).toEqual([]);
    expect(driver.learn(0, 1, 0)).toEqual([
      "apply 0: 0 phase 0 part 0/3",
      "apply 2: 0 phase 0 part 1/3",
      "apply 1: 0 phase 0 part 2/3",
    ]);
    driver.applied(0, 0, 0);
    driver.applied(2, 0, 1);
    expect(driver.applied(1, 0, 2)).toEqual(["updated 0: 0.0 1.0", "lease 1: 0.1", "grant 1: 0.1", "grant 0: 1.1"]);
    expect(driver.protocol.state.spares).toEqual([2]);
  });

  it("come from the worker that holds most", () => {
    const driver = new Driver(slots(5, asp, 2));
    driver.join(0, 1);
    driver.host({ kind: "unreplaced" });
    expect([0, 1].map((id) => driver.protocol.state.workers[id]?.slots)).toEqual([
      [0, 2, 4],
      [1, 3],
    ]);
    expect(driver.join(2)).toEqual(["lease 2: 2.0", "grant 2: 2.0"]);
    expect(driver.protocol.state.workers[0]?.slots).toEqual([0, 4]);
  });

  it("of a worker that leaves go to the others at once, and nobody is asked for", () => {
    const driver = new Driver(slots(3, asp, 2));
    driver.join(0, 1, 2);
    expect(driver.say(1, leave)).toEqual(["lease 0: 1.0"]);
    expect(driver.say(0, leave)).toEqual(["lease 2: 0.0", "lease 2: 1.0"]);
    expect(driver.learn(2, 2, 0)).toEqual(["apply 2: 0 phase 0 part 0/1"]);
    expect(driver.say(2, leave)).toEqual([]);
    expect(driver.join(3)).toEqual(["lease 3: 2.0", "lease 3: 0.0", "lease 3: 1.0", "apply 3: 0 phase 0 part 0/1"]);
    expect(driver.applied(3, 0)).toEqual(["updated 0: 2.0", "grant 3: 0.0"]);
  });

  it("of a worker that leaves before the run begins wait for others", () => {
    const driver = new Driver(slots(3));
    driver.join(0, 1);
    expect(driver.say(0, leave)).toEqual([]);
    expect(driver.join(2)).toEqual(["lease 2: 2.0"]);
    expect(driver.join(3)).toEqual(["lease 3: 0.0", "grant 1: 1.0", "grant 2: 2.0", "grant 3: 0.0"]);
  });

  it("of an incarnation that is at work go to the next, which goes on with its work", () => {
    const driver = new Driver(slots(2));
    driver.join(0, 1);
    driver.learn(0, 0, 0);
    driver.pulled(1, 1, 0);
    expect(driver.say(1, { kind: "join" }, 1)).toEqual(["lease 1.1: 1.0", "grant 1.1: 1.0"]);
    driver.say(1, { kind: "pulled", slot: 1, clock: 0 }, 1);
    const push = { kind: "push", slot: 1, clock: 0, rows: 1, figures: "" } as const;
    expect(driver.say(1, push, 1)).toEqual(["apply 1.1: 0 phase 0 part 0/2", "apply 0: 0 phase 0 part 1/2"]);
    // What the first has pushed stays pushed, whoever holds the slot.
    expect(driver.protocol.state.update?.work.contributions.map(({ worker }) => worker)).toEqual([0, 1]);
  });
});

describe("a piece of work that is lost too often", () => {
  it("ends the run with the cause: an item", () => {
    const driver = new Driver(slots(1, { attempts: 2 }, 2));
    driver.join(0);
    driver.lost(0);
    driver.say(0, { kind: "join" }, 1);
    expect(driver.lost(0, 1)).toEqual(["fail by 0: WORKER_FAILED it died"]);
  });

  it("but not with one that was not under way, or that a worker gave back when it left", () => {
    const driver = new Driver(slots(2, { attempts: 1 }, 2));
    driver.join(0, 1);
    driver.learn(0, 0, 0);
    expect(driver.lost(0)).toEqual(["replace 0: WORKER_FAILED"]);
    expect(driver.join(2)).toEqual(["lease 2: 0.0"]);
    expect(driver.say(1, leave)).toEqual(["lease 2: 1.0", "grant 2: 1.0"]);
    expect(driver.lost(2)).toEqual(["fail by 2: WORKER_FAILED it died"]);
  });

  it("counts anew for the next item", () => {
    const driver = new Driver(slots(1, { ...asp, attempts: 2 }, 2));
    driver.join(0);
    driver.lost(0);
    driver.join(1);
    driver.learn(1, 0, 0);
    expect(driver.applied(1, 0)).toEqual(["updated 0: 0.0", "grant 1: 0.1"]);
    expect(driver.lost(1)).toEqual(["replace 1: WORKER_FAILED"]);
  });

  it("by a worker that came back, too", () => {
    const driver = new Driver(slots(1, { attempts: 1 }));
    driver.join(0);
    expect(driver.say(0, { kind: "join" }, 1)).toEqual([
      "fail by 0: WORKER_FAILED worker 0 came back as incarnation 1 while incarnation 0 was at work",
    ]);
    expect(driver.protocol.state.present).toBe(0);
  });

  it("a part of an update, of a copy, of a validation", () => {
    const checkpoint = { every: 1, unit: "epoch" } as const;
    const driver = new Driver(slots(2, { attempts: 2, validate: true, checkpoint }));
    const comeBack = (incarnation: number) => driver.say(1, { kind: "join" }, incarnation);
    driver.join(0, 1);
    driver.learn(1, 1, 0);
    expect(driver.learn(0, 0, 0)).toEqual(["apply 0: 0 phase 0 part 0/2", "apply 1: 0 phase 0 part 1/2"]);
    expect(driver.lost(1)).toEqual(["replace 1: WORKER_FAILED"]);
    // A lost part goes before all others, to whoever is free.
    expect(driver.applied(0, 0, 0)).toEqual(["apply 0: 0 phase 0 part 1/2"]);
    expect(comeBack(1)).toEqual(["lease 1.1: 1.0"]);
    const saved = driver.applied(0, 0, 1);
    expect(saved).toEqual([
      "updated 0: 0.0 1.0",
      "epochEnd 1 validating",
      "capture 1, epoch 1, save",
      "copy 0: 1 part 0/2",
      "copy 1.1: 1 part 1/2",
    ]);
    driver.lost(1, 1);
    expect(driver.copied(0, 1, 0)).toEqual(["copy 0: 1 part 1/2"]);
    comeBack(2);
    expect(driver.copied(0, 1, 1)).toEqual([
      "captured 1, epoch 1, save",
      "evaluate 0: 1 part 0/2",
      "evaluate 1.2: 1 part 1/2",
    ]);
    driver.lost(1, 2);
    expect(driver.evaluated(0, 1, 0)).toEqual(["evaluate 0: 1 part 1/2"]);
    expect(driver.lost(0)).toEqual(["fail by 0: WORKER_FAILED it died"]);
  });

  it("a phase is a new piece of work", () => {
    const driver = new Driver(slots(1, { attempts: 2, phases: 2 }));
    driver.join(0);
    driver.learn(0, 0, 0);
    driver.lost(0);
    expect(driver.join(1)).toEqual(["lease 1: 0.0", "apply 1: 0 phase 0 part 0/1"]);
    driver.applied(1, 0);
    expect(driver.lost(1)).toEqual(["replace 1: WORKER_FAILED"]);
  });
});

describe("what is outstanding", () => {
  it("is told again, to one or to all", () => {
    const driver = new Driver(slots(2, { validate: true, checkpoint: { every: 1, unit: "update" } }, 2));
    const all = () => short(driver.protocol.outstanding());
    expect(all()).toEqual([]);
    driver.join(0, 1);
    driver.pulled(0, 0, 0);
    expect(all()).toEqual(["lease 0: 0.0", "grant 0: 0.0", "lease 1: 1.0", "grant 1: 1.0"]);
    expect(short(driver.protocol.outstanding({ worker: 1, incarnation: 0 }))).toEqual(["lease 1: 1.0", "grant 1: 1.0"]);
    expect(driver.protocol.outstanding({ worker: 1, incarnation: 1 })).toEqual([]);
    expect(driver.protocol.outstanding({ worker: 9, incarnation: 0 })).toEqual([]);
    driver.push(0, 0, 0);
    driver.learn(1, 1, 0);
    expect(all()).toEqual([
      "lease 0: 0.0",
      "apply 0: 0 phase 0 part 1/2",
      "lease 1: 1.0",
      "apply 1: 0 phase 0 part 0/2",
    ]);
    driver.applied(1, 0, 0);
    driver.applied(0, 0, 1);
    expect(all()).toEqual(["lease 0: 0.1", "copy 0: 1 part 0/2", "lease 1: 1.1", "copy 1: 1 part 1/2"]);
    driver.copied(0, 1, 0);
    driver.copied(1, 1, 1);
    expect(all()).toEqual([
      "lease 0: 0.1",
      "grant 0: 0.1",
      "lease 1: 1.1",
      "grant 1: 1.1",
      "captured 1, epoch 0, save",
    ]);
    driver.host({ kind: "saved", version: 1 });
    driver.lost(1);
    expect(all()).toEqual(["lease 0: 0.1", "grant 0: 0.1", "replace 1: WORKER_FAILED"]);
    driver.say(1, { kind: "join" }, 1);
    expect(all()).toEqual(["lease 0: 0.1", "grant 0: 0.1", "lease 1.1: 1.1", "grant 1.1: 1.1"]);
    driver.say(0, { kind: "fail", problems });
    expect(all()).toEqual(["fail: WORKER_FAILED it died"]);
    expect(driver.protocol.outstanding({ worker: 0, incarnation: 0 })).toEqual([]);
  });

  it("of a validation, and of a run that is over", () => {
    const driver = new Driver(slots(1, { validate: true }));
    driver.join(0);
    driver.learn(0, 0, 0);
    driver.applied(0, 0);
    expect(driver.copied(0, 1)).toEqual(["captured 1, epoch 1", "evaluate 0: 1 part 0/1"]);
    expect(short(driver.protocol.outstanding())).toEqual(["lease 0: 0.1", "evaluate 0: 1 part 0/1"]);
    expect(driver.evaluated(0, 1, 0)).toEqual(["validated 1: 0", "finish completed"]);
    expect(short(driver.protocol.outstanding())).toEqual(["finish completed"]);
  });
});
