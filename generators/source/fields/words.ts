import type { ErrorCode } from "../../../runtime/errors.js";
import { nearestName } from "../../../runtime/nearest.js";
import { decodeFields, showValue } from "./decode.js";
import {
  type Field,
  type FieldReport,
  type FieldRules,
  type FieldTable,
  type MessageRules,
  namesRead,
  type Reading,
  type Settings,
} from "./field.js";
import { givenOrDefault } from "./kinds.js";

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

/**
 * One of the words of a table, as what it stands for.
 *
 * @param unsupported words that the format has besides, and why they are refused
 */
export function choice<const T>(
  words: Readonly<Record<string, T>>,
  unsupported: Readonly<Record<string, string>> = {},
): Field<T> {
  const expected = listed(Object.keys(words));
  return {
    kind: "choice",
    expected,
    read: (reading) => {
      const { source, name, within, report } = reading;
      const value = givenOrDefault(reading);
      const word = typeof value === "string" ? value : undefined;
      if (word !== undefined && Object.hasOwn(words, word)) return { value: words[word] as T };
      const found =
        value === undefined
          ? `it has no ${within}${name}`
          : `its ${within}${name} is ${word === undefined ? showValue(value) : word}`;
      const reason = word !== undefined && Object.hasOwn(unsupported, word) ? unsupported[word] : undefined;
      const fault = value === undefined ? "missing" : reason === undefined ? "invalid" : "unsupported";
      const message = `${found}, expected ${expected}${reason === undefined ? "" : `; ${reason}`}`;
      report.problem(fault, message, { at: source.at(name) });
      return undefined;
    },
  };
}

/** One way to read a group of fields that a word chooses: the fields that it uses, and what they make. */
export interface Variant<T> {
  readonly rules: MessageRules;
  read(reading: Reading): { readonly value: T } | undefined;
}

/** A variant whose `make` knows the types of its settings. */
export function variant<const Fields extends FieldTable, T>(
  fields: Fields,
  make: (settings: Settings<Fields>) => T,
  checks: FieldRules<Fields>["checks"] = [],
): Variant<T> {
  const rules: FieldRules<Fields> = { message: "", fields, checks };
  return {
    rules,
    read: ({ source, within, report }) => {
      const given = source.given.filter((name) => namesRead(rules).includes(name));
      const part = { ...bound(source), given };
      const settings = decodeFields(part, rules, report, within);
      return settings === undefined ? undefined : { value: make(settings) };
    },
  };
}

function bound(source: Reading["source"]): Reading["source"] {
  return {
    given: source.given,
    one: (name) => source.one(name),
    list: (name) => source.list(name),
    fallback: (name) => source.fallback(name),
    at: (name, index) => source.at(name, index),
  };
}

export interface VariantTable<T> {
  /** The field that chooses. */
  readonly by: string;
  readonly variants: Readonly<Record<string, Variant<T>>>;
  /** Words that the format has and that are not supported. */
  readonly unsupported?: readonly string[];
  /** Fields of the group beyond those that some variant uses. */
  readonly also?: readonly string[];
  /** The code of a word that is none of them. */
  readonly code?: ErrorCode;
}

/** Fields that mean something under some words of another field; those that the word at hand does not use are told. */
export function variants<T>(table: VariantTable<T>): Field<T> {
  const rows = Object.entries(table.variants);
  const used = new Set(rows.flatMap(([, { rules }]) => namesRead(rules)).concat(table.also ?? []));
  return {
    kind: "variants",
    expected: `one of ${rows.map(([word]) => word).join(", ")}`,
    names: [table.by, ...used],
    read: (reading) => {
      const chosen = readWord({ ...reading, name: table.by }, table);
      if (chosen === undefined) return undefined;
      const { source, within, report } = reading;
      const names = namesRead(chosen.variant.rules);
      for (const name of source.given.filter((given) => used.has(given) && !names.includes(given))) {
        report.idle(`${within}${name}`, `${table.by} "${chosen.word}" does not use it`, source.at(name));
      }
      return chosen.variant.read(reading);
    },
  };
}

function readWord<T>(
  reading: Reading,
  { variants: rows, unsupported = [], code }: VariantTable<T>,
): { readonly word: string; readonly variant: Variant<T> } | undefined {
  const { source, name, within, report } = reading;
  const value = givenOrDefault(reading);
  const problem = (fault: Parameters<FieldReport["problem"]>[0], message: string, hint?: string): undefined => {
    const remark = { at: source.at(name), ...(code === undefined ? {} : { code }) };
    report.problem(fault, message, hint === undefined ? remark : { ...remark, hint });
    return undefined;
  };
  const expected = `expected one of ${Object.keys(rows).join(", ")}`;
  if (value === undefined) return problem("missing", `it has no ${within}${name}, ${expected}`);
  const found = `its ${within}${name} is ${showValue(value)}`;
  if (typeof value !== "string") return problem("invalid", `${found}, ${expected}`);
  const row = Object.hasOwn(rows, value) ? rows[value] : undefined;
  if (row !== undefined) return { word: value, variant: row };
  if (unsupported.includes(value)) {
    return problem("unsupported", `${found}, which is known but not supported yet; ${expected}`);
  }
  const nearest = nearestName(value, [...Object.keys(rows), ...unsupported]);
  const hint = nearest === undefined ? undefined : `the nearest ${name} is "${nearest}"`;
  return problem("invalid", `${found}, ${expected}`, hint);
}
