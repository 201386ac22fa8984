import { decodeFields, showValue } from "./decode.js";
import type { Field, FieldRules, FieldSource, FieldTable, FieldValue, Reading, Settings } from "./field.js";

/** The given value, else the schema's. */
export function givenOrDefault({ source, name }: Reading): FieldValue | undefined {
  return source.one(name) ?? source.fallback(name);
}

/** A field with one value that `accept` reads; one that is neither given nor in the schema is missing. */
function single<T>(kind: string, expected: string, accept: (value: FieldValue) => T | undefined): Field<T> {
  return {
    kind,
    expected,
    read: (reading) => {
      const { source, name, within, report } = reading;
      const value = givenOrDefault(reading);
      if (value === undefined) {
        report.problem("missing", `it has no ${within}${name}, expected ${expected}`, { at: source.at() });
        return undefined;
      }
      const accepted = accept(value);
      if (accepted !== undefined) return { value: accepted };
      const message = `its ${within}${name} is ${showValue(value)}, expected ${expected}`;
      report.problem("invalid", message, { at: source.at(name) });
      return undefined;
    },
  };
}

/** A whole number of at least `least`. */
export function count(least: number): Field<number> {
  return single("count", `at least ${least}`, (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= least ? value : undefined,
  );
}

/** A whole number of any sign. */
export function integer(): Field<number> {
  return single("integer", "a whole number", (value) =>
    typeof value === "number" && Number.isInteger(value) ? value : undefined,
  );
}

/** A finite number that `accept` takes. */
export function number(expected = "a finite number", accept: (value: number) => boolean = () => true): Field<number> {
  return single("number", expected, (value) =>
    typeof value === "number" && Number.isFinite(value) && accept(value) ? value : undefined,
  );
}

export function flag(): Field<boolean> {
  return single("flag", "true or false", (value) => (typeof value === "boolean" ? value : undefined));
}

export function text(): Field<string> {
  return single("text", "a text", (value) => (typeof value === "string" ? value : undefined));
}

/** Any number of values, each of which `item` reads. */
export function listOf<T>(item: Field<T>): Field<readonly T[]> {
  return {
    kind: "list",
    expected: `a list of ${item.expected}`,
    ...(item.inner === undefined ? {} : { inner: item.inner }),
    read: (reading) => {
      const { source, name, within, report } = reading;
      if (!source.given.includes(name)) return { value: [] };
      const values = source.list(name);
      if (values === undefined) {
        const message = `its ${within}${name} is ${showValue(source.one(name) ?? "")}, expected a list`;
        report.problem("invalid", message, { at: source.at(name) });
        return undefined;
      }
      const read = values.map((value, index) => item.read({ ...reading, source: only(source, name, value, index) }));
      const good = read.flatMap((result) => (result === undefined ? [] : [result.value]));
      return good.length === read.length ? { value: good } : undefined;
    },
  };
}

/** A source that holds one item of a list. */
function only(source: FieldSource, name: string, value: FieldValue, index: number): FieldSource {
  return {
    given: [name],
    one: () => value,
    list: () => [value],
    fallback: () => undefined,
    at: () => source.at(name, index),
  };
}

/** Fields in a message of their own; undefined where the file does not give it. */
export function group<Fields extends FieldTable>(rules: FieldRules<Fields>): Field<Settings<Fields> | undefined> {
  return {
    kind: "group",
    expected: "a group of fields",
    inner: rules,
    read: ({ source, name, within, report }) => {
      const value = source.one(name);
      if (value === undefined) return { value: undefined };
      if (typeof value === "object") {
        const settings = decodeFields(value, rules, report, `${within}${name}.`);
        return settings === undefined ? undefined : { value: settings };
      }
      const message = `its ${within}${name} is ${showValue(value)}, expected a group of fields`;
      report.problem("invalid", message, { at: source.at(name) });
      return undefined;
    },
  };
}
