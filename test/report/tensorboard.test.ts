import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { type ErrorCode, isBaseError, type Problem } from "../../runtime/errors.js";
import type { TrainingEvent } from "../../runtime/paramserv/types.js";
import { crc32c } from "../../runtime/report/crc32c.js";
import { tensorboardWriter } from "../../runtime/report/tensorboard.js";

/** Bytes that there is room for; a call takes seven at most, as a disk that is nearly full may. */
const disk = vi.hoisted(() => ({ room: Number.POSITIVE_INFINITY }));
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const writeSync = (descriptor: number, bytes: Uint8Array, at: number): number => {
    const length = Math.min(7, bytes.length - at, disk.room);
    if (length === 0) throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    disk.room -= length;
    return fs.writeSync(descriptor, bytes, at, length);
  };
  return { ...fs, writeSync };
});
afterEach(() => {
  disk.room = Number.POSITIVE_INFINITY;
});

const scratch = mkdtempSync(join(tmpdir(), "paramserv-tensorboard-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../fixtures/tensorboard/${name}`, import.meta.url), "utf8"));

interface Points {
  readonly host: string;
  readonly records: readonly {
    readonly wall_time: number;
    readonly step?: number;
    readonly scalars?: Readonly<Record<string, number>>;
  }[];
}
const points: Points = fixture("points.json");
const recorded: {
  readonly name: string;
  readonly bytes: string;
  readonly scalars: Readonly<Record<string, readonly (readonly [wallTime: number, step: number, value: number])[]>>;
} = fixture("events.json");

/** The scalars below a prefix, without it; undefined where there are none. */
function below(scalars: Readonly<Record<string, number>>, prefix: string) {
  const own = Object.entries(scalars).filter(([tag]) => tag.startsWith(prefix));
  return own.length === 0
    ? undefined
    : Object.fromEntries(own.map(([tag, value]) => [tag.slice(prefix.length), value]));
}

/** The training event that is written as this record. */
function eventOf(step: number, scalars: Readonly<Record<string, number>>): TrainingEvent {
  const progress = below(scalars, "updates/train/");
  const rate = scalars["updates/learning_rate"] ?? scalars.learning_rate;
  const common = { samples_per_second: 1, ...(rate === undefined ? {} : { learning_rate: rate }) };
  const train = { loss: Number.NaN, ...(progress ?? below(scalars, "train/")) };
  if (progress !== undefined) {
    const figures = { epoch: 1, samples: 1, total_samples: 2, seconds_left: 1 };
    return { event: "progress", updates: step, train, ...figures, ...common };
  }
  const validation = below(scalars, "validation/");
  return { event: "epoch", epoch: step, updates: 9, train, seconds: 1, ...common, ...(validation && { validation }) };
}

function progressAt(updates: number): TrainingEvent {
  return eventOf(updates, { "updates/train/loss": 0.5 });
}

/** A writer whose clock stands still. */
const open = (directory: string, onProblem?: (problem: Problem) => void) =>
  tensorboardWriter({ directory, host: "host", now: () => 1_600_000_000_000, ...(onProblem && { onProblem }) });

describe("an event file", () => {
  test("holds the bytes that TensorBoard's own writer gives", () => {
    const directory = join(scratch, "made", "anew");
    let at = 0;
    const now = () => 1000 * (points.records[at]?.wall_time ?? 0);
    const writer = tensorboardWriter({ directory, host: points.host, now });
    for (const { step = 0, scalars = {} } of points.records.slice(1)) {
      at += 1;
      writer.onEvent(eventOf(step, scalars));
    }
    writer.close();
    writer.close();
    expect(readdirSync(directory)).toEqual([recorded.name]);
    expect(writer.file).toBe(join(directory, recorded.name));
    expect(readFileSync(writer.file).toString("hex")).toBe(recorded.bytes);
  });

  test("is read by TensorBoard with every point", () => {
    const read = Object.entries(recorded.scalars).flatMap(([tag, list]) => list.map((point) => [tag, ...point]));
    const given = points.records.flatMap(({ wall_time, step, scalars = {} }) =>
      Object.entries(scalars).map(([tag, value]) => [tag, wall_time, step, Math.fround(value)]),
    );
    const order = (list: readonly unknown[][]) => list.map((point) => JSON.stringify(point)).sort();
    expect(order(read)).toEqual(order(given));
  });

  test("has one point for several batches between two updates, and none for the start", () => {
    const writer = open(join(scratch, "updates"));
    const sizes = [progressAt(0), progressAt(0), progressAt(3), progressAt(3), progressAt(4)].map((event) => {
      writer.onEvent(event);
      return readFileSync(writer.file).length;
    });
    const start = { parameters: 1, rows: 1, validation_rows: 0, k: 1, epochs: 1, batchsize: 1, pushes: 1 };
    writer.onEvent({ event: "start", ...start });
    writer.close();
    expect(readFileSync(writer.file)).toHaveLength(sizes[4] ?? 0);
    expect(sizes.map((size, index) => size > (sizes[index - 1] ?? 0))).toEqual([true, false, true, false, true]);
  });

  test("stays as it is when another run begins in the same second", () => {
    const directory = join(scratch, "twice");
    const [first, second] = [open(directory), open(directory)];
    second.onEvent(progressAt(1));
    expect(readFileSync(second.file).length).toBeGreaterThan(readFileSync(first.file).length);
    for (const writer of [first, second]) writer.close();
    expect(readdirSync(directory).sort()).toEqual([recorded.name, `${recorded.name}.2`]);
  });
});

describe("a file that cannot be written", () => {
  const codesOf = (run: () => unknown): readonly ErrorCode[] => {
    try {
      run();
    } catch (error) {
      if (isBaseError(error)) return error.problems.map(({ code }) => code);
      throw error;
    }
    return [];
  };

  test("is told before anything is trained", () => {
    const file = join(scratch, "file");
    writeFileSync(file, "");
    expect(codesOf(() => open(file))).toEqual(["LOG_DIRECTORY_UNWRITABLE"]);
    expect(codesOf(() => open(join(file, "below")))).toEqual(["LOG_DIRECTORY_UNWRITABLE"]);
    expect(readFileSync(file, "utf8")).toBe("");
  });

  test("is told before anything is trained where the disk is full", () => {
    disk.room = 20;
    expect(codesOf(() => open(join(scratch, "full")))).toEqual(["LOG_DIRECTORY_UNWRITABLE"]);
    expect(readdirSync(join(scratch, "full"))).toEqual([]);
  });

  test("is told once when the disk becomes full, while the training goes on", () => {
    const problems: Problem[] = [];
    const writer = open(join(scratch, "filled"), (problem) => problems.push(problem));
    disk.room = 30;
    for (const updates of [1, 2, 3]) writer.onEvent(progressAt(updates));
    writer.close();
    const message = "could not be written any more: ENOSPC: no space left on device, write";
    expect(problems).toMatchObject([{ code: "LOG_WRITE_FAILED", at: { file: writer.file }, message }]);
  });

  test("ends a run that has nobody to tell", () => {
    const writer = open(join(scratch, "alone"));
    disk.room = 0;
    expect(codesOf(() => writer.onEvent(progressAt(1)))).toEqual(["LOG_WRITE_FAILED"]);
    expect(codesOf(() => writer.onEvent(progressAt(2)))).toEqual([]);
  });
});

test("CRC-32C has the published check values", () => {
  // RFC 3720, appendix B.4; the last is the catalogue's check value of CRC-32/ISCSI.
  expect(crc32c(new Uint8Array(32)).toString(16)).toBe("8a9136aa");
  expect(crc32c(new Uint8Array(32).fill(0xff)).toString(16)).toBe("62a8ab43");
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index)).toString(16)).toBe("46dd794e");
  expect(crc32c(new TextEncoder().encode("123456789")).toString(16)).toBe("e3069283");
  expect(crc32c(new Uint8Array())).toBe(0);
});
