import type { Field, FieldSource, Reading } from "./field.js";
import { givenOrDefault } from "./kinds.js";

/** A field that rules of another message, or another reader, decode: here it only counts as read. */
export function apart(by: string): Field<undefined> {
  return { kind: "apart", expected: `read by ${by}`, read: () => ({ value: undefined }) };
}

/** What stands for a field that neither the file nor the schema gives. */
export function otherwise<T, Other>(field: Field<T>, other: Other): Field<T | Other> {
  return {
    ...field,
    read: (reading) => (givenOrDefault(reading) === undefined ? { value: other } : field.read(reading)),
  };
}

/** A field that is undefined where the file does not give it, whatever the schema's default. */
export function ifGiven<T>(field: Field<T>): Field<T | undefined> {
  return {
    ...field,
    read: (reading) => (reading.source.given.includes(reading.name) ? field.read(reading) : { value: undefined }),
  };
}

/** A field that is read and yet leaves something out, which is told where the file gives it. */
export function noted<T>(field: Field<T>, reason: string): Field<T> {
  return {
    ...field,
    read: (reading) => {
      noteIdle(reading, reason);
      return field.read(reading);
    },
  };
}

/** A field that means nothing beside others: it is then undefined, and told where the file gives it. */
export function unless<T>(
  field: Field<T>,
  condition: { readonly when: (source: FieldSource) => boolean; readonly because: string },
): Field<T | undefined> {
  return {
    ...field,
    read: (reading) => {
      if (!condition.when(reading.source)) return field.read(reading);
      noteIdle(reading, condition.because);
      return { value: undefined };
    },
  };
}

function noteIdle({ source, name, within, report }: Reading, reason: string): void {
  if (source.given.includes(name)) report.idle(`${within}${name}`, reason, source.at(name));
}
