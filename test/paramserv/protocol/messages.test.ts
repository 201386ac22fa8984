import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkpointOf, restoredState } from "../../../runtime/paramserv/protocol/start.js";
import { two } from "./configs.js";
import { Driver, driverOf, problems, type Saying, slots } from "./driver.js";

/** Two slots, both granted. */
function granted(): Driver {
  const driver = new Driver(two);
  expect(driver.join(0, 1)).toEqual(["lease 0: 0.0", "lease 1: 1.0", "grant 0: 0.0", "grant 1: 1.0"]);
  return driver;
}

const pulled = (slot: number, clock: number): Saying => ({ kind: "pulled", slot, clock });
const push = (slot: number, clock: number, rows = 1): Saying => ({ kind: "push", slot, clock, rows, figures: "" });

describe("a message that says what may not be said is refused, and changes nothing", () => {
  const cases: readonly (readonly [string, Saying, string])[] = [
    ["a slot that there is not", pulled(2, 0), "PROTOCOL_SLOT_UNKNOWN: there is no slot 2; the run has slots 0 to 1"],
    [
      "another's slot",
      pulled(1, 0),
      "PROTOCOL_MESSAGE_UNEXPECTED: worker 0 sent pulled, but it is not granted an item of slot 1",
    ],
    ["another clock", pulled(0, 3), "PROTOCOL_CLOCK_WRONG: worker 0 sent pulled with clock 3; expected 0"],
    [
      "a push before the read",
      push(0, 0),
      "PROTOCOL_MESSAGE_UNEXPECTED: worker 0 sent push, but it has not read the weights",
    ],
    ["a second join", { kind: "join" }, "PROTOCOL_MESSAGE_UNEXPECTED: worker 0 sent join, but it has joined already"],
    [
      "a part that it does not make",
      { kind: "applied", version: 0, phase: 0, part: 0 },
      "PROTOCOL_MESSAGE_UNEXPECTED: worker 0 sent applied, but it does not make part 0 of phase 0 of update 0",
    ],
    [
      "a part that it does not copy",
      { kind: "copied", version: 0, part: 0 },
      "PROTOCOL_MESSAGE_UNEXPECTED: worker 0 sent copied, but it does not copy part 0 of version 0",
    ],
    [
      "a part that it does not evaluate",
      { kind: "evaluated", epoch: 1, part: 0, figures: "" },
      "PROTOCOL_MESSAGE_UNEXPECTED: worker 0 sent evaluated, but it does not evaluate part 0 of epoch 1",
    ],
    ["a negative number", pulled(0, -1), "PROTOCOL_MESSAGE_INVALID: worker 0: pulled has no valid clock"],
    ["a broken number", pulled(0.5, 0), "PROTOCOL_MESSAGE_INVALID: worker 0: pulled has no valid slot"],
    ["an unknown kind", { kind: "pull" } as never, "PROTOCOL_MESSAGE_INVALID: worker 0: a message has no known kind"],
    [
      "a failure without problems",
      { kind: "fail", problems: [] },
      "PROTOCOL_MESSAGE_INVALID: worker 0: fail has no valid problems",
    ],
    [
      "a failure with an unknown code",
      { kind: "fail", problems: [{ code: "toString", message: "" }] } as never,
      "PROTOCOL_MESSAGE_INVALID: worker 0: fail has no valid problems",
    ],
  ];
  for (const [name, saying, expected] of cases) {
    it(name, () => {
      const driver = granted();
      const before = JSON.stringify({ ...driver.protocol.state, workers: {} });
      expect(driver.say(0, saying)).toEqual([`refused 0 ${expected}`]);
      expect(JSON.stringify({ ...driver.protocol.state, workers: {} })).toBe(before);
      // Its number is used up: the next goes on, and a duplicate is told the same.
      expect(driver.send({ ...saying, from: { worker: 0, incarnation: 0 }, seq: 2 })).toEqual([
        `duplicate 0 ${expected.split(":")[0]}`,
      ]);
      expect(driver.learn(0, 0, 0)).toEqual([]);
    });
  }

  it("rows that were not planned, a second read, and another part, phase or version than its own", () => {
    const driver = granted();
    expect(driver.pulled(0, 0, 0)).toEqual([]);
    expect(driver.pulled(0, 0, 0)).toEqual([
      "refused 0 PROTOCOL_MESSAGE_UNEXPECTED: worker 0 sent pulled, but it has read the weights",
    ]);
    expect(driver.say(0, push(0, 0, 2))).toEqual([
      "refused 0 PROTOCOL_ROWS_WRONG: worker 0 pushed 2 rows at clock 0 of slot 0; planned 1",
    ]);
    driver.push(0, 0, 0);
    expect(driver.learn(1, 1, 0)).toEqual(["apply 1: 0 phase 0 part 0/2", "apply 0: 0 phase 0 part 1/2"]);
    for (const [part, phase, version] of [
      [0, 0, 0],
      [1, 1, 0],
      [1, 0, 1],
    ] as const) {
      expect(driver.applied(0, version, part, phase)[0]).toMatch(/^refused 0 PROTOCOL_MESSAGE_UNEXPECTED/);
    }
    expect(driver.applied(0, 0, 1)).toEqual([]);
  });
});

describe("who says it, and in which order", () => {
  it("a worker that has not joined is unknown; so is a newer incarnation", () => {
    const driver = granted();
    const text = (worker: number, incarnation: number) =>
      `PROTOCOL_WORKER_UNKNOWN: worker ${worker}, incarnation ${incarnation}, has not joined`;
    expect(driver.say(7, { kind: "beat" })).toEqual([`refused 7 ${text(7, 0)}`]);
    expect(driver.say(0, { kind: "beat" }, 1)).toEqual([`refused 0.1 ${text(0, 1)}`]);
    expect(driver.pulled(0, 0, 0)).toEqual([]);
  });

  it("a gap is refused, and the missing message can still come", () => {
    const driver = granted();
    const from = { worker: 0, incarnation: 0 };
    expect(driver.send({ kind: "beat", from, seq: 3 })).toEqual([
      "refused 0 PROTOCOL_SEQUENCE_WRONG: worker 0 sent message 3; expected message 2",
    ]);
    expect(driver.send({ kind: "pulled", slot: 0, clock: 0, from, seq: 2 })).toEqual([]);
    expect(driver.send({ kind: "beat", from: { worker: 5, incarnation: 0 }, seq: 1 })[0]).toMatch(/UNKNOWN/);
    expect(driver.send({ kind: "join", from: { worker: 5, incarnation: 0 }, seq: 2 })).toEqual([
      "refused 5 PROTOCOL_SEQUENCE_WRONG: worker 5 sent message 2; expected message 1",
    ]);
  });

  it("a duplicate is answered as one and changes nothing, also of a worker that is gone", () => {
    const driver = granted();
    driver.pulled(0, 0, 0);
    const again = { kind: "pulled", slot: 0, clock: 0, from: { worker: 0, incarnation: 0 }, seq: 2 };
    expect(driver.send(again)).toEqual(["duplicate 0"]);
    expect(driver.protocol.state.readers).toBe(1);
    driver.lost(0);
    expect(driver.send(again)).toEqual(["duplicate 0"]);
    expect(driver.push(0, 0, 0)).toEqual(["refused 0 PROTOCOL_FENCED: worker 0 is held to be gone"]);
  });

  it("an older incarnation is refused, whatever its number", () => {
    const driver = granted();
    expect(driver.say(0, { kind: "join" }, 1)).toEqual(["lease 0.1: 0.0", "grant 0.1: 0.0"]);
    expect(driver.send({ kind: "join", from: { worker: 0, incarnation: 0 }, seq: 1 })).toEqual([
      "refused 0 PROTOCOL_FENCED: worker 0 is held to be gone",
    ]);
    expect(driver.pulled(0, 0, 0)).toEqual(["refused 0 PROTOCOL_FENCED: worker 0 is held to be gone"]);
    expect(driver.say(0, pulled(0, 0), 1)).toEqual([]);
  });

  it("the last eight refusals are kept, and no more", () => {
    const driver = granted();
    for (let times = 0; times < 20; times++) driver.pulled(0, 0, 9);
    const state = driver.protocol.state.workers[0];
    expect(state?.refusals.map(({ seq }) => seq)).toEqual([14, 15, 16, 17, 18, 19, 20, 21]);
    const message = { kind: "pulled", slot: 0, clock: 9, from: { worker: 0, incarnation: 0 } };
    expect(driver.send({ ...message, seq: 14 })).toEqual(["duplicate 0 PROTOCOL_CLOCK_WRONG"]);
    expect(driver.send({ ...message, seq: 13 })).toEqual(["duplicate 0"]);
  });

  it("there are no more workers than the run has work for", () => {
    const driver = new Driver(slots(1));
    expect(driver.join(...Array.from({ length: 18 }, (_, worker) => worker))).toEqual(["lease 0: 0.0", "grant 0: 0.0"]);
    expect(driver.join(18)).toEqual(["refused 18 PROTOCOL_WORKERS_TOO_MANY: worker 18 is one more than 18 workers"]);
    expect(driver.say(17, { kind: "join" }, 1)).toEqual([]);
    driver.lost(3);
    expect(driver.send({ kind: "join", from: { worker: 18, incarnation: 0 }, seq: 1 })).toEqual([]);
  });

  it("workers that are gone are forgotten at last, the oldest first", () => {
    const driver = new Driver(slots(1, { attempts: 1000 }));
    for (let worker = 0; worker < 300; worker++) {
      driver.join(worker);
      driver.lost(worker);
    }
    const { workers, gone } = driver.protocol.state;
    expect([Object.keys(workers).length, gone.length, gone[0]]).toEqual([256, 256, 44]);
    driver.say(44, { kind: "join" }, 1);
    expect(driver.protocol.state.gone).not.toContain(44);
  });
});

describe("after the end", () => {
  it("messages are answered and ignored, and nobody joins", () => {
    const driver = granted();
    expect(driver.host({ kind: "stop" })).toEqual(["finish aborted"]);
    const before = JSON.stringify({ ...driver.protocol.state, workers: {} });
    expect(driver.pulled(0, 0, 0)).toEqual([]);
    expect(driver.say(0, push(9, 9))).toEqual([]);
    expect(driver.say(1, { kind: "fail", problems })).toEqual([]);
    expect(driver.lost(0)).toEqual([]);
    expect(driver.host({ kind: "stop" })).toEqual([]);
    expect(driver.join(2)).toEqual(["refused 2 PROTOCOL_RUN_ENDED: the run is aborted; worker 2 came too late"]);
    expect(JSON.stringify({ ...driver.protocol.state, workers: {} })).toBe(before);
  });

  it("a stop before anybody has joined ends at once", () => {
    expect(new Driver(two).host({ kind: "stop" })).toEqual(["finish aborted"]);
  });

  it("a worker's failure ends the run at once, with its problems", () => {
    expect(granted().say(1, { kind: "fail", problems })).toEqual(["fail by 1: WORKER_FAILED it died"]);
  });

  it("a stop lets the update under way end; a failure on the way out matters only to it", () => {
    const start = (): Driver => {
      const driver = new Driver(slots(3, { strategy: "ASP", phases: 2 }));
      driver.join(0, 1, 2);
      for (const worker of [1, 2]) driver.pulled(worker, worker, 0);
      expect(driver.learn(0, 0, 0)).toEqual(["apply 0: 0 phase 0 part 0/1"]);
      expect(driver.host({ kind: "stop" })).toEqual([]);
      return driver;
    };
    const driver = start();
    expect(driver.say(1, { kind: "fail", problems })).toEqual(["lease 0: 1.0"]);
    expect(driver.push(2, 2, 0)).toEqual([]);
    expect(driver.applied(0, 0)).toEqual(["apply 0: 0 phase 1 part 0/1"]);
    expect(driver.applied(0, 0, 0, 1)).toEqual(["updated 0: 0.0", "finish aborted"]);
    expect(start().say(0, { kind: "fail", problems })).toEqual(["fail by 0: WORKER_FAILED it died"]);
  });
});

describe("a run that goes on", () => {
  it("validates first what a stop at the end of an epoch left", () => {
    const config = slots(2, { validate: true, epochs: 2 });
    const driver = new Driver(config);
    driver.join(0, 1);
    driver.learn(0, 0, 0);
    driver.learn(1, 1, 0);
    expect(driver.host({ kind: "stop" })).toEqual([]);
    driver.applied(1, 0, 0);
    expect(driver.applied(0, 0, 1)).toEqual(["updated 0: 0.0 1.0", "epochEnd 1 validating", "finish aborted"]);
    const checkpoint = checkpointOf(driver.protocol.state);
    expect(checkpoint).toMatchObject({ epoch: 1, unvalidated: [1], clocks: [1, 1] });
    const next = new Driver(config, restoredState(config, checkpoint));
    expect(next.join(0, 1)).toContain("capture 1, epoch 1");
  });

  it("has nothing to do for a slot that is ahead of a run made shorter", () => {
    const config = slots(2, { strategy: "ASP", epochs: 2 });
    const counts = { version: 4, iteration: 4, rows: 4, pushes: 4, drops: 0, droppedRows: 0, unvalidated: [] };
    const driver = new Driver(config, restoredState(config, { ...counts, epoch: 1, clocks: [3, 1] }));
    expect(driver.join(0, 1)).toEqual(["lease 0: 0.3", "lease 1: 1.1", "grant 1: 1.1"]);
  });
});

describe("anything at all", () => {
  const nobody = (message: unknown) => new Driver(two).send(message);

  it("is answered where nobody sent it", () => {
    expect(nobody(null)).toEqual(["refused -1 PROTOCOL_MESSAGE_INVALID: a message is null; expected an object"]);
    expect(nobody([])).toEqual(["refused -1 PROTOCOL_MESSAGE_INVALID: a message is a list; expected an object"]);
    expect(nobody(7)).toEqual(["refused -1 PROTOCOL_MESSAGE_INVALID: a message is a number; expected an object"]);
    const unsigned =
      "refused -1 PROTOCOL_MESSAGE_INVALID: a message has no sender and number; expected from and seq, which counts from 1";
    for (const message of [
      {},
      { kind: "join" },
      { kind: "join", from: { worker: 0, incarnation: 0 }, seq: 0 },
      { kind: "join", from: { worker: -1, incarnation: 0 }, seq: 1 },
      { kind: "join", from: { worker: 0 }, seq: 1 },
    ]) {
      expect(nobody(message)).toEqual([unsigned]);
    }
    expect(nobody({ kind: "tick", now: Number.NaN })).toEqual([
      "refused -1 PROTOCOL_MESSAGE_INVALID: tick has no valid now",
    ]);
    expect(nobody({ kind: "lost", worker: 0, problems: [{}] })).toEqual([
      "refused -1 PROTOCOL_MESSAGE_INVALID: lost has no valid worker, problems",
    ]);
  });

  it("never throws, and nothing but proper messages has an effect", () => {
    const names = [
      "join",
      "pulled",
      "push",
      "applied",
      "copied",
      "evaluated",
      "beat",
      "leave",
      "fail",
      "lost",
      "unreplaced",
      "saved",
      "stop",
      "tick",
      "toString",
      "__proto__",
    ];
    const number = fc.oneof(fc.nat(3), fc.constantFrom(-1, 0.5, Number.NaN, 2 ** 53, 1e300), fc.anything());
    const actor = fc.oneof(fc.record({ worker: fc.nat(3), incarnation: fc.nat(2) }), fc.anything());
    const message = fc.oneof(
      fc.anything(),
      fc.record(
        {
          kind: fc.constantFrom(...names),
          from: actor,
          seq: number,
          slot: number,
          clock: number,
          rows: number,
          version: number,
          phase: number,
          part: number,
          epoch: number,
          now: number,
          worker: actor,
          problems: fc.oneof(fc.constant(problems), fc.anything()),
          figures: fc.anything(),
        },
        { requiredKeys: ["kind", "from", "seq", "worker"] },
      ),
    );
    fc.assert(
      fc.property(fc.nat(200), fc.array(message, { maxLength: 60 }), (seed, messages) => {
        const driver = driverOf(seed);
        for (const one of messages) driver.send(one);
        JSON.stringify(driver.protocol.outstanding());
      }),
      { numRuns: 500, seed: 5 },
    );
  });
});
