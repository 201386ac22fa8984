import protobuf, { type Field, type Type } from "protobufjs";
import { internalError, type SourceRef } from "../../../runtime/errors.js";
import type { FieldSource } from "../fields/field.js";
import type { TextPosition } from "./tree.js";

export type Scalar = number | string | boolean;

/** One value of a field with the place of its text. Enum values are their names. */
export interface Entry extends TextPosition {
  readonly value: Scalar | Message;
}

/**
 * A message that its schema has checked. Values that the text does not give are the schema's defaults. Asking for a field
 * that the schema does not have, or as another type, is a defect of ours.
 */
export class Message implements FieldSource {
  readonly type: Type;
  readonly #file: string;
  readonly #at: TextPosition;
  readonly #entries: ReadonlyMap<string, readonly Entry[]>;
  /** True where a problem of this message, or of one in it, has been reported. */
  readonly damaged: boolean;

  constructor(parts: {
    readonly type: Type;
    readonly file: string;
    readonly at: TextPosition;
    readonly entries: ReadonlyMap<string, readonly Entry[]>;
    readonly damaged: boolean;
  }) {
    this.type = parts.type;
    this.#file = parts.file;
    this.#at = parts.at;
    this.#entries = parts.entries;
    this.damaged = parts.damaged;
  }

  /** The fields that the text gives, in the order of their first appearance. */
  get given(): readonly string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#all(name).length > 0;
  }

  /** The place of a field's value number `index`; of the message where the field is not given. */
  at(name?: string, index = 0): SourceRef {
    const place = name === undefined ? this.#at : (this.#all(name)[index] ?? this.#at);
    return { file: this.#file, line: place.line, column: place.column };
  }

  /** The value of a field that the text gives, the first of several. */
  one(name: string): Scalar | Message | undefined {
    return this.#all(name)[0]?.value;
  }

  list(name: string): readonly (Scalar | Message)[] {
    return this.#all(name).map(({ value }) => value);
  }

  /** The schema's default. */
  fallback(name: string): Scalar | undefined {
    return defaultOf(this.#field(name));
  }

  number(name: string): number {
    const value = this.#one(name) ?? 0;
    return typeof value === "number" ? value : this.#mistyped(name);
  }

  boolean(name: string): boolean {
    const value = this.#one(name) ?? false;
    return typeof value === "boolean" ? value : this.#mistyped(name);
  }

  /** A string, or the name of an enum value. */
  text(name: string): string {
    const value = this.#one(name) ?? "";
    return typeof value === "string" ? value : this.#mistyped(name);
  }

  numbers(name: string): readonly number[] {
    return this.#all(name).map(({ value }) => (typeof value === "number" ? value : this.#mistyped(name)));
  }

  booleans(name: string): readonly boolean[] {
    return this.#all(name).map(({ value }) => (typeof value === "boolean" ? value : this.#mistyped(name)));
  }

  texts(name: string): readonly string[] {
    return this.#all(name).map(({ value }) => (typeof value === "string" ? value : this.#mistyped(name)));
  }

  messages(name: string): readonly Message[] {
    return this.#all(name).map(({ value }) => (value instanceof Message ? value : this.#mistyped(name)));
  }

  /** The message in a singular field, if the text gives one. */
  message(name: string): Message | undefined {
    return this.messages(name)[0];
  }

  /** The message in a singular field; where the text gives none, one that holds the defaults. */
  messageOrDefaults(name: string): Message {
    const type = this.#field(name).resolvedType;
    if (!(type instanceof protobuf.Type)) return this.#mistyped(name);
    const nothing = { type, file: this.#file, at: this.#at, entries: new Map(), damaged: false };
    return this.message(name) ?? new Message(nothing);
  }

  /** The message with these fields in the place of its own; an empty list takes a field away. */
  with(fields: Readonly<Record<string, readonly Entry[]>>): Message {
    const all = new Map([...this.#entries, ...Object.entries(fields)]);
    const entries = new Map([...all].filter(([, { length }]) => length > 0));
    return new Message({ type: this.type, file: this.#file, at: this.#at, entries, damaged: this.damaged });
  }

  /** The values of a field with their places. */
  entries(name: string): readonly Entry[] {
    return this.#all(name);
  }

  /** The message as plain data without places: equal texts give equal data. */
  toData(): Readonly<Record<string, unknown>> {
    const plain = ({ value }: Entry): unknown => (value instanceof Message ? value.toData() : value);
    const sorted = [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(sorted.map(([name, entries]) => [name, entries.map(plain)]));
  }

  #all(name: string): readonly Entry[] {
    this.#field(name);
    return this.#entries.get(name) ?? [];
  }

  #one(name: string): Scalar | Message | undefined {
    return this.one(name) ?? this.fallback(name);
  }

  #field(name: string): Field {
    const field = this.type.fields[name];
    if (field === undefined) throw internalError(`${this.type.name} has no field ${name}`);
    return field;
  }

  #mistyped(name: string): never {
    throw internalError(`${this.type.name}.${name} was asked for as another type than ${this.#field(name).type}`);
  }
}

/** The default that the schema gives a singular field; enum defaults as names. Undefined where it gives none. */
function defaultOf(field: Field): Scalar | undefined {
  const value: unknown = field.options?.default;
  return typeof value === "number" || typeof value === "string" || typeof value === "boolean" ? value : undefined;
}
