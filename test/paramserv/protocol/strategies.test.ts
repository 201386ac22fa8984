import { describe, expect, it } from "vitest";
import { frequencies } from "../../../runtime/paramserv/protocol/frequencies.js";
import { batchesAnEpoch, plannedPush, pushesAnEpoch, roundsAnEpoch } from "../../../runtime/paramserv/protocol/plan.js";
import { checkpointOf, initialState, restoredState } from "../../../runtime/paramserv/protocol/start.js";
import { configOf, two } from "./configs.js";
import { Driver, slots } from "./driver.js";
import { pushesOf } from "./ledger.js";

describe("BSP", () => {
  it("goes on with the slots that have pushes left, each epoch from the start", () => {
    const driver = new Driver({ ...two, epochs: 2, splitUpdates: false });
    driver.join(0, 1);
    for (const [version, clock] of [
      [0, 0],
      [1, 1],
    ] as const) {
      driver.learn(0, 0, clock);
      expect(driver.learn(1, 1, clock)).toEqual([`apply 1: ${version} phase 0 part 0/1`]);
      driver.applied(1, version);
    }
    expect(driver.learn(0, 0, 2)).toEqual(["apply 0: 2 phase 0 part 0/1"]);
    expect(driver.applied(0, 2)).toEqual(["updated 2: 0.2", "epochEnd 1", "grant 1: 1.2", "grant 0: 0.3"]);
  });
});

describe("ASP", () => {
  it("lets a fast slot run ahead of a slow one by any number of updates", () => {
    const driver = new Driver(slots(2, { strategy: "ASP" }, 50));
    driver.join(0, 1);
    driver.pulled(1, 1, 0);
    for (let clock = 0; clock < 50; clock++) {
      expect(driver.learn(0, 0, clock)).toEqual([`apply 0: ${clock} phase 0 part 0/1`]);
      driver.applied(0, clock);
    }
    driver.push(1, 1, 0);
    expect(driver.protocol.state.update?.work.contributions[0]?.staleness).toBe(50);
  });

  it("puts an update that waits for a reader before further reads, so that nobody's push waits for ever", () => {
    const driver = new Driver(slots(3, { strategy: "ASP" }, 2));
    driver.join(0, 1, 2);
    driver.pulled(0, 0, 0);
    driver.learn(1, 1, 0);
    expect(driver.push(0, 0, 0)).toEqual([]);
    expect(driver.pulled(2, 2, 0)).toEqual(["apply 0: 0 phase 0 part 0/2", "apply 1: 0 phase 0 part 1/2"]);
    driver.applied(0, 0, 0);
    expect(driver.applied(1, 0, 1)).toEqual([
      "updated 0: 1.0",
      "apply 1: 1 phase 0 part 0/2",
      "apply 0: 1 phase 0 part 1/2",
    ]);
  });
});

describe("SSP", () => {
  it("lets nobody read more than `staleness` rounds ahead of the slowest", () => {
    const driver = new Driver(slots(2, { strategy: "SSP", staleness: 2, splitUpdates: false }, 9));
    driver.join(0, 1);
    driver.pulled(1, 1, 0);
    for (let clock = 0; clock < 2; clock++) {
      driver.learn(0, 0, clock);
      expect(driver.applied(0, clock)).toEqual([`updated ${clock}: 0.${clock}`, `grant 0: 0.${clock + 1}`]);
    }
    driver.learn(0, 0, 2);
    expect(driver.applied(0, 2)).toEqual(["updated 2: 0.2"]);
    driver.push(1, 1, 0);
    expect(driver.applied(1, 3)).toEqual(["updated 3: 1.0", "grant 1: 1.1", "grant 0: 0.3"]);
  });

  it("neither waits for a slot with fewer pushes, nor lets it run ahead", () => {
    const plans = [
      { rows: 4, batchsize: 1, rowsPerPush: 1 },
      { rows: 1, batchsize: 1, rowsPerPush: 1 },
    ];
    const driver = new Driver({ ...two, strategy: "SSP", staleness: 1, epochs: 2, plans, splitUpdates: false });
    driver.join(0, 1);
    driver.learn(1, 1, 0);
    // Its next item is of round 4: it waits until the other is at round 3.
    driver.pulled(0, 0, 0);
    expect(driver.applied(1, 0)).toEqual(["updated 0: 1.0"]);
    for (let clock = 0; clock < 3; clock++) {
      if (clock > 0) driver.pulled(0, 0, clock);
      driver.push(0, 0, clock);
      const grants = clock < 2 ? [] : ["grant 1: 1.1"];
      expect(driver.applied(0, clock + 1)).toEqual([
        `updated ${clock + 1}: 0.${clock}`,
        ...[`grant 0: 0.${clock + 1}`, ...grants],
      ]);
    }
  });
});

describe("SBP", () => {
  const sbp = { strategy: "SBP", backups: 1, splitUpdates: false } as const;

  it("drops what comes late, whether it is computed, or nobody holds its slot", () => {
    const driver = new Driver(slots(3, sbp, 2));
    driver.join(0, 1, 2);
    driver.pulled(2, 2, 0);
    driver.learn(0, 0, 0);
    expect(driver.learn(1, 1, 0)).toEqual(["dropped 2.0", "apply 1: 0 phase 0 part 0/1"]);
    expect(driver.applied(1, 0)).toEqual(["updated 0: 0.0 1.0", "grant 0: 0.1", "grant 1: 1.1"]);
    // The late result is accepted and ignored; its worker goes on with the next item.
    expect(driver.push(2, 2, 0)).toEqual(["grant 2: 2.1"]);
    driver.lost(2);
    driver.learn(0, 0, 1);
    expect(driver.learn(1, 1, 1)).toEqual(["dropped 2.1", "apply 1: 1 phase 0 part 0/1"]);
    expect(driver.applied(1, 1)).toEqual(["updated 1: 0.1 1.1", "epochEnd 1", "finish completed"]);
    expect(driver.protocol.state).toMatchObject({ drops: 2, droppedRows: 2, rows: 4, pushes: 4 });
  });

  it("does not grant again what was dropped, and counts no loss of it", () => {
    const driver = new Driver(slots(2, { ...sbp, attempts: 1 }, 3));
    driver.join(0, 1);
    driver.pulled(1, 1, 0);
    expect(driver.learn(0, 0, 0)).toEqual(["dropped 1.0", "apply 0: 0 phase 0 part 0/1"]);
    expect(driver.lost(1)).toEqual(["replace 1: WORKER_FAILED"]);
    driver.applied(0, 0);
    expect(driver.join(2)).toEqual(["lease 2: 1.1", "grant 2: 1.1"]);
  });

  it("waits for one push at least, and takes what is there when the last reader is done", () => {
    const driver = new Driver(slots(3, { ...sbp, backups: 5 }, 1));
    driver.join(0, 1, 2);
    driver.learn(0, 0, 0);
    driver.learn(1, 1, 0);
    expect(driver.pulled(2, 2, 0)).toEqual(["dropped 2.0", "apply 1: 0 phase 0 part 0/1"]);
    expect(driver.protocol.state.update?.work.contributions.map(({ weight }) => weight)).toEqual([0.5, 0.5]);
  });
});

describe("HOGWILD", () => {
  it("commits a push at once, while others read, and while the weights are copied", () => {
    const driver = new Driver(
      slots(2, { strategy: "HOGWILD", validate: true, checkpoint: { every: 1, unit: "update" } }, 2),
    );
    driver.join(0, 1);
    expect(driver.learn(0, 0, 0)).toEqual(["updated 0: 0.0", "capture 1, epoch 0, save", "copy 0: 1 part 0/1"]);
    expect(driver.learn(1, 1, 0)).toEqual(["updated 1: 1.0", "grant 1: 1.1"]);
    expect(driver.learn(1, 1, 1)).toEqual(["updated 2: 1.1"]);
    expect(driver.protocol.state.due).toEqual([{ epoch: 0, save: true, validate: false }]);
    expect(driver.copied(0, 1)).toEqual(["captured 1, epoch 0, save", "grant 0: 0.1"]);
    expect(driver.learn(0, 0, 1)).toEqual(["updated 3: 0.1", "epochEnd 1 validating"]);
    expect(driver.host({ kind: "saved", version: 7 })).toEqual([]);
    expect(driver.host({ kind: "saved", version: 1 })).toEqual([
      "capture 4, epoch 0, save",
      "copy 0: 4 part 0/2",
      "copy 1: 4 part 1/2",
    ]);
  });
});

describe("a copy", () => {
  const given = { validate: true, checkpoint: { every: 2, unit: "epoch" }, epochs: 4 } as const;

  it("is made when the one before is saved; no update passes over it, but reads do where nothing is validated", () => {
    const driver = new Driver(slots(1, { ...given, validate: false, checkpoint: { every: 1, unit: "epoch" } }));
    driver.join(0);
    driver.learn(0, 0, 0);
    expect(driver.applied(0, 0)).toEqual([
      "updated 0: 0.0",
      "epochEnd 1",
      "capture 1, epoch 1, save",
      "copy 0: 1 part 0/1",
    ]);
    expect(driver.host({ kind: "saved", version: 1 })).toEqual([]);
    expect(driver.copied(0, 1)).toEqual(["captured 1, epoch 1, save", "grant 0: 0.1"]);
    driver.learn(0, 0, 1);
    // The first copy is not saved: learning goes on as far as it can.
    expect(driver.applied(0, 1)).toEqual(["updated 1: 0.1", "epochEnd 2", "grant 0: 0.2"]);
    expect(driver.learn(0, 0, 2)).toEqual([]);
    expect(driver.host({ kind: "saved", version: 1 })).toEqual(["capture 2, epoch 2, save", "copy 0: 2 part 0/1"]);
    expect(driver.copied(0, 2)).toEqual(["captured 2, epoch 2, save", "apply 0: 2 phase 0 part 0/1"]);
  });

  it("serves a validation and a checkpoint; BSP does not read until it is validated", () => {
    const driver = new Driver(slots(2, { ...given, checkpoint: { every: 1, unit: "epoch" }, splitUpdates: false }));
    driver.join(0, 1);
    driver.learn(0, 0, 0);
    driver.learn(1, 1, 0);
    expect(driver.applied(1, 0)).toEqual([
      "updated 0: 0.0 1.0",
      "epochEnd 1 validating",
      "capture 1, epoch 1, save",
      "copy 1: 1 part 0/2",
      "copy 0: 1 part 1/2",
    ]);
    expect(driver.copied(1, 1, 1)[0]).toMatch(/^refused 1 PROTOCOL_MESSAGE_UNEXPECTED/);
    expect(driver.copied(1, 2, 0)[0]).toMatch(/^refused 1 PROTOCOL_MESSAGE_UNEXPECTED/);
    expect(driver.copied(1, 1, 0)).toEqual([]);
    // Said too early: it is not captured yet.
    expect(driver.host({ kind: "saved", version: 1 })).toEqual([]);
    expect(driver.copied(0, 1, 1)).toEqual([
      "captured 1, epoch 1, save",
      "evaluate 0: 1 part 0/2",
      "evaluate 1: 1 part 1/2",
    ]);
    expect(driver.evaluated(1, 1, 0)[0]).toMatch(/^refused 1 PROTOCOL_MESSAGE_UNEXPECTED/);
    expect(driver.evaluated(1, 2, 1)[0]).toMatch(/^refused 1 PROTOCOL_MESSAGE_UNEXPECTED/);
    expect(driver.evaluated(1, 1, 1)).toEqual([]);
    expect(driver.evaluated(0, 1, 0)).toEqual(["validated 1: 0 1", "grant 0: 0.1", "grant 1: 1.1"]);
    expect(driver.protocol.state.snapshot?.saving).toBe(true);
  });

  it.each(["ASP", "SSP"] as const)("is validated by %s beside new work", (strategy) => {
    const driver = new Driver(slots(2, { ...given, strategy, staleness: 4 }));
    driver.join(0, 1);
    driver.learn(0, 0, 0);
    driver.pulled(1, 1, 0);
    driver.applied(0, 0);
    driver.pulled(0, 0, 1);
    driver.push(1, 1, 0);
    expect(driver.applied(1, 1)).toEqual([
      "updated 1: 1.0",
      "epochEnd 1 validating",
      "capture 2, epoch 1",
      "copy 1: 2 part 0/1",
    ]);
    expect(driver.copied(1, 2)).toEqual(["captured 2, epoch 1", "evaluate 1: 1 part 0/2"]);
    expect(driver.push(0, 0, 1)).toEqual(["apply 0: 2 phase 0 part 0/1"]);
    expect(driver.applied(0, 2)).toEqual(["updated 2: 0.1", "evaluate 0: 1 part 1/2"]);
    expect(driver.evaluated(1, 1, 0)).toEqual(["grant 1: 1.1"]);
    expect(driver.evaluated(0, 1, 1)).toEqual(["validated 1: 0 1", "grant 0: 0.2"]);
  });

  it("is of a run that goes on: what was to be validated is, before new work", () => {
    const config = slots(2, given);
    const driver = new Driver(config);
    driver.join(0, 1);
    driver.learn(0, 0, 0);
    driver.learn(1, 1, 0);
    driver.applied(0, 0, 1);
    driver.applied(1, 0, 0);
    const checkpoint = JSON.parse(JSON.stringify(checkpointOf(driver.protocol.state)));
    expect(checkpoint).toEqual({
      version: 1,
      iteration: 1,
      epoch: 1,
      rows: 2,
      pushes: 2,
      drops: 0,
      droppedRows: 0,
      unvalidated: [1],
      clocks: [1, 1],
    });
    const again = new Driver(config, restoredState(config, checkpoint));
    expect(again.join(0)).toEqual(["lease 0: 0.1"]);
    expect(again.join(1)).toEqual(["lease 1: 1.1", "capture 1, epoch 1", "copy 1: 1 part 0/2", "copy 0: 1 part 1/2"]);
    const without = { ...config, validate: false };
    expect(new Driver(without, restoredState(without, checkpoint)).join(0, 1).at(-1)).toBe("grant 1: 1.1");
    const over = { ...without, epochs: 1 };
    expect(new Driver(over, restoredState(over, checkpoint)).tick(0)).toEqual(["finish completed"]);
    expect(() => restoredState({ ...config, plans: [] }, checkpoint)).toThrow(/INTERNAL: a run needs a slot/);
    expect(() => restoredState(slots(3), checkpoint)).toThrow(/the checkpoint has 2 slots; the run has 3/);
  });
});

describe("a plan", () => {
  it("cuts an epoch as counting batch by batch does", () => {
    for (let seed = 0; seed < 300; seed++) {
      const config = configOf(seed);
      for (const [slot, plan] of config.plans.entries()) {
        const pushes = pushesOf(config, slot);
        expect(pushesAnEpoch(plan)).toBe(pushes.length);
        expect(batchesAnEpoch(plan)).toBe(pushes.reduce((sum, { batches }) => sum + batches, 0));
        for (const clock of pushes.keys()) expect(plannedPush(plan, clock + 2 * pushes.length)).toEqual(pushes[clock]);
      }
      expect(roundsAnEpoch(config.plans)).toBe(Math.max(...config.plans.map(pushesAnEpoch)));
    }
  });

  it("pushes after a batch, a group of batches, or an epoch", () => {
    const load = { rows: 100, batchsize: 8, nbatches: 3 };
    expect(Object.entries(frequencies).map(([name, rows]) => [name, rows(load)])).toEqual([
      ["BATCH", 8],
      ["NBATCHES", 24],
      ["EPOCH", 100],
    ]);
  });

  it("that cannot be is a defect of the host", () => {
    expect(() => initialState({ ...two, plans: [{ rows: 0, batchsize: 1, rowsPerPush: 1 }] })).toThrow(
      /INTERNAL: each slot needs a row/,
    );
    for (const wrong of [
      { epochs: 0 },
      { phases: 0 },
      { attempts: 0 },
      { staleness: -1 },
      { backups: 0.5 },
      { checkpoint: { every: 0, unit: "epoch" } },
    ] as const) {
      expect(() => initialState({ ...two, ...wrong })).toThrow(/count from 1, staleness and backups from 0/);
    }
  });
});
