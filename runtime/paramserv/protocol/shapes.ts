import { errorCodes } from "../../errors.js";
import type { Actor, HostMessage, WorkerMessage } from "./types.js";

type Field = (value: unknown) => boolean;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isCount: Field = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isTime: Field = (value) => Number.isFinite(value);
const isAnything: Field = () => true;

export function isActor(value: unknown): value is Actor {
  return isRecord(value) && isCount(value.worker) && isCount(value.incarnation);
}

/** Problems are shown to users, so each has a code of the table. */
const areProblems: Field = (value) =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every(
    (one) =>
      isRecord(one) &&
      typeof one.code === "string" &&
      Object.hasOwn(errorCodes, one.code) &&
      typeof one.message === "string",
  );

/** The fields of each message of a worker, beside its sender and number. */
const workerMessages: Readonly<Record<WorkerMessage<unknown>["kind"], Readonly<Record<string, Field>>>> = {
  join: {},
  pulled: { slot: isCount, clock: isCount },
  push: { slot: isCount, clock: isCount, rows: isCount, figures: isAnything },
  applied: { version: isCount, phase: isCount, part: isCount },
  copied: { version: isCount, part: isCount },
  evaluated: { epoch: isCount, part: isCount, figures: isAnything },
  beat: {},
  leave: {},
  fail: { problems: areProblems },
};

/** The fields of each message of the host. */
const hostMessages: Readonly<Record<HostMessage["kind"], Readonly<Record<string, Field>>>> = {
  lost: { worker: isActor, problems: areProblems },
  unreplaced: {},
  saved: { version: isCount },
  stop: {},
  tick: { now: isTime },
};

/** What came, if that tells at least who sent it: a worker's envelope, with what is wrong with the content. */
export type Letter =
  | { readonly of: "host"; readonly message: HostMessage }
  | { readonly of: "worker"; readonly message: WorkerMessage<unknown>; readonly fault: string | undefined }
  | { readonly of: "nobody"; readonly fault: string };

/** Reads whatever came: messages of workers come over networks. */
export function letterOf(message: unknown): Letter {
  if (!isRecord(message)) return { of: "nobody", fault: `a message is ${nameOf(message)}; expected an object` };
  const { kind, from, seq } = message;
  if (isKind(hostMessages, kind)) {
    const fault = faultOf(message, hostMessages[kind]);
    return fault === undefined ? { of: "host", message: message as unknown as HostMessage } : { of: "nobody", fault };
  }
  if (!isActor(from) || !isCount(seq) || seq === 0) {
    return { of: "nobody", fault: `a message has no sender and number; expected from and seq, which counts from 1` };
  }
  const fault = isKind(workerMessages, kind) ? faultOf(message, workerMessages[kind]) : `a message has no known kind`;
  return { of: "worker", message: message as unknown as WorkerMessage<unknown>, fault };
}

function isKind<Table extends object>(table: Table, kind: unknown): kind is Extract<keyof Table, string> {
  return typeof kind === "string" && Object.hasOwn(table, kind);
}

function faultOf(
  message: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, Field>>,
): string | undefined {
  const wrong = Object.entries(fields).filter(([name, fits]) => !fits(message[name]));
  if (wrong.length === 0) return undefined;
  return `${message.kind} has no valid ${wrong.map(([name]) => name).join(", ")}`;
}

function nameOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
