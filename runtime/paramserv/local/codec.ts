import { assertNever, internalError } from "../../errors.js";
import { activities, type Figures, type Seconds } from "../figures.js";
import type { Actor } from "../protocol/types.js";
import type { Sums } from "../scalars.js";
import type { Order, Report, Said } from "./messages.js";

/** What both ends know by name, so that records hold numbers only. */
export interface Names {
  /** Of the program's losses and metrics. */
  readonly scalars: readonly string[];
  /** Of the losses whose rows weigh different. */
  readonly losses: readonly string[];
}

const orderKinds = ["grant", "apply", "copy", "evaluate", "end"] as const satisfies readonly Order["kind"][];
const hows = ["step", "stay", "restore"] as const;
const messageKinds = ["join", "pulled", "push", "applied", "copied", "evaluated", "beat", "leave"] as const;
const learnedKind = messageKinds.length;

/** Doubles that the longest order or report takes. */
export function recordLength(slots: number, { scalars, losses }: Names): number {
  return Math.max(10 + 3 * slots, 10 + losses.length, 16 + activities.length + 2 * scalars.length);
}

/** Writes orders and reports as numbers, and reads them again. A report of kind `fail` has words: it goes another way. */
export class Codec {
  readonly #names: Names;

  constructor(names: Names) {
    this.#names = names;
  }

  encodeOrder(order: Order): readonly number[] {
    const kind = orderKinds.indexOf(order.kind);
    switch (order.kind) {
      case "grant":
        return [kind, order.slot, order.clock, order.version, order.iteration, ...this.#encodeTotals(order)];
      case "apply": {
        const { version, iteration, phase, part, parts, how, shares } = order;
        const flat = shares.flatMap(({ slot, rows, weight }) => [slot, rows, weight]);
        return [kind, version, iteration, phase, part, parts, hows.indexOf(how), shares.length, ...flat];
      }
      case "copy":
        return [kind, order.version, order.part, order.parts];
      case "evaluate":
        return [kind, order.epoch, order.part, order.parts];
      case "end":
        return [kind];
      default:
        return assertNever(order, "order");
    }
  }

  decodeOrder(record: Float64Array): Order {
    const next = reader(record);
    const kind = orderKinds[next()];
    switch (kind) {
      case "grant":
        return { kind, slot: next(), clock: next(), version: next(), iteration: next(), ...this.#decodeTotals(next) };
      case "apply": {
        const place = { version: next(), iteration: next(), phase: next(), part: next(), parts: next() };
        const how = hows[next()] ?? "step";
        const shares = several(next(), () => ({ slot: next(), rows: next(), weight: next() }));
        return { kind, ...place, how, shares };
      }
      case "copy":
        return { kind, version: next(), part: next(), parts: next() };
      case "evaluate":
        return { kind, epoch: next(), part: next(), parts: next() };
      case "end":
        return { kind };
      case undefined:
        throw internalError("a record is no order");
      default:
        return assertNever(kind, "order");
    }
  }

  /** Undefined for what has words in it. */
  encodeReport(report: Report): readonly number[] | undefined {
    if (report.kind === "learned") return [learnedKind, ...actorNumbers(report.from), ...this.#encodeSums(report.sums)];
    const { message } = report;
    if (message.kind === "fail") return undefined;
    const head = [messageKinds.indexOf(message.kind), ...actorNumbers(message.from), message.seq];
    switch (message.kind) {
      case "pulled":
        return [...head, message.slot, message.clock];
      case "push":
        return [...head, message.slot, message.clock, message.rows, ...this.#encodeFigures(message.figures)];
      case "applied":
        return [...head, message.version, message.phase, message.part];
      case "copied":
        return [...head, message.version, message.part];
      case "evaluated":
        return [...head, message.epoch, message.part, ...this.#encodeFigures(message.figures)];
      default:
        return head;
    }
  }

  decodeReport(record: Float64Array): Report {
    const next = reader(record);
    const kind = next();
    const from: Actor = { worker: next(), incarnation: next() };
    if (kind === learnedKind) return { kind: "learned", from, sums: this.#decodeSums(next) };
    const sent = { from, seq: next() };
    return { kind: "message", message: { ...sent, ...this.#decodeBody(messageKinds[kind], next) } };
  }

  #decodeBody(kind: (typeof messageKinds)[number] | undefined, next: () => number): Said {
    switch (kind) {
      case "pulled":
        return { kind, slot: next(), clock: next() };
      case "push":
        return { kind, slot: next(), clock: next(), rows: next(), figures: this.#decodeFigures(next) };
      case "applied":
        return { kind, version: next(), phase: next(), part: next() };
      case "copied":
        return { kind, version: next(), part: next() };
      case "evaluated":
        return { kind, epoch: next(), part: next(), figures: this.#decodeFigures(next) };
      case "join":
      case "beat":
      case "leave":
        return { kind };
      case undefined:
        throw internalError("a record is no report");
      default:
        return assertNever(kind, "report");
    }
  }

  #encodeTotals({ totals }: Extract<Order, { kind: "grant" }>): readonly number[] {
    if (totals === undefined) return [0];
    return [1, totals.rows, ...this.#names.losses.map((loss) => totals.weights[loss] ?? Number.NaN)];
  }

  #decodeTotals(next: () => number): Pick<Extract<Order, { kind: "grant" }>, "totals"> {
    if (next() === 0) return {};
    const rows = next();
    const weights = this.#names.losses.map((loss) => [loss, next()] as const);
    return { totals: { rows, weights: Object.fromEntries(weights.filter(([, weight]) => !Number.isNaN(weight))) } };
  }

  #encodeFigures({ rows, scalars, seconds, bytes, skipped }: Figures): readonly number[] {
    const times = activities.map((activity) => seconds[activity]);
    return [skipped, bytes.pulled, bytes.pushed, ...times, ...this.#encodeSums({ rows, scalars })];
  }

  #decodeFigures(next: () => number): Figures {
    const skipped = next();
    const bytes = { pulled: next(), pushed: next() };
    const seconds = Object.fromEntries(activities.map((activity) => [activity, next()])) as Seconds;
    return { ...this.#decodeSums(next), seconds, bytes, skipped };
  }

  /** A scalar that is not there has no weight that anybody could mistake for one. */
  #encodeSums({ rows, scalars }: Sums): readonly number[] {
    const means = this.#names.scalars.flatMap((name) => {
      const { sum, weight } = scalars[name] ?? { sum: 0, weight: absent };
      return [sum, weight];
    });
    return [rows, ...means];
  }

  #decodeSums(next: () => number): Sums {
    const rows = next();
    const means = this.#names.scalars.map((name) => [name, { sum: next(), weight: next() }] as const);
    return { rows, scalars: Object.fromEntries(means.filter(([, { weight }]) => weight !== absent)) };
  }
}

/** The weight of a scalar that is not there: no sum of weights is negative. */
const absent = -1;

function actorNumbers({ worker, incarnation }: Actor): readonly number[] {
  return [worker, incarnation];
}

function reader(record: Float64Array): () => number {
  let at = 0;
  return () => record[at++] ?? 0;
}

function several<T>(count: number, make: () => T): readonly T[] {
  return Array.from({ length: count }, make);
}
