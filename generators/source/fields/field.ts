import type { ErrorCode, SourceRef } from "../../../runtime/errors.js";

export type FieldValue = number | string | boolean | FieldSource;

/**
 * Where the fields of one layer, filler or solver are read from. A protobuf message is one, a JSON object is one, and so
 * are the attributes of an ONNX node: rows of importers know no more of their format than this.
 */
export interface FieldSource {
  /** The fields that the file gives, in file order. */
  readonly given: readonly string[];
  /** The value of a field, the first one of several; undefined where the file does not give it. */
  one(name: string): FieldValue | undefined;
  /** All values of a field that may be repeated or a list; undefined where the file gives something else. */
  list(name: string): readonly FieldValue[] | undefined;
  /** What the format's schema says for a field that is not given. */
  fallback(name: string): FieldValue | undefined;
  /** The place of a value; of the whole where the field is not given. */
  at(name?: string, index?: number): SourceRef;
}

export type Fault = "missing" | "invalid" | "unsupported";

export interface FieldRemark {
  readonly at: SourceRef;
  readonly hint?: string;
  /** A code that says more than the kind of fault. */
  readonly code?: ErrorCode;
}

/** Where decoding leaves what it finds. */
export interface FieldReport {
  /** The message follows a title: `its stride is 0, expected at least 1`. */
  problem(fault: Fault, message: string, remark: FieldRemark): void;
  note(message: string, at: SourceRef): void;
  /** A field that the file gives and that changes nothing. */
  idle(name: string, reason: string, at: SourceRef): void;
}

/** One field, or several that say one thing, while it is read. */
export interface Reading {
  readonly source: FieldSource;
  /** The field's name in the source. */
  readonly name: string;
  /** What messages put before names: `weight_filler.` within a filler. */
  readonly within: string;
  readonly report: FieldReport;
}

/** How a field of a source becomes a setting of a row. */
export interface Field<T> {
  readonly kind: string;
  /** What the field may be, for messages and documents. */
  readonly expected: string;
  /** The fields of the source that it reads; by default the one that has its name in the table. */
  readonly names?: readonly string[];
  /** The rules of the messages that stand in it. */
  readonly inner?: MessageRules;
  /** The setting; undefined after reporting why there is none. */
  read(reading: Reading): { readonly value: T } | undefined;
}

export type FieldTable = Readonly<Record<string, Field<unknown>>>;

type ValueOf<Row> = Row extends Field<infer T> ? T : never;

/** The settings that a table of fields gives. */
export type Settings<Fields> = { readonly [Key in keyof Fields]: ValueOf<Fields[Key]> };

/** A field that would change the numbers in a way that cannot be kept. */
export interface Refusal {
  /** Which values are refused; by default every one. */
  readonly when?: (value: FieldValue) => boolean;
  readonly because: string;
  readonly hint?: string;
}

/** What a rule over several fields is given beside the settings. */
export interface Checked {
  /** What messages put before names. */
  readonly within: string;
  has(name: string): boolean;
  /** `at` is the field that the problem is shown at; the whole where it is not given. */
  problem(fault: Fault, message: string, at?: string): void;
  note(message: string, at?: string): void;
}

/** What holds between fields. */
export interface FieldCheck<Fields> {
  /** The settings that it looks at: it is passed over where one of them is wrong. */
  readonly of: readonly (keyof Fields)[];
  check(settings: Settings<Fields>, found: Checked): void;
}

/**
 * All that a row says about one message. Every field of the message's schema is in exactly one of `fields`, `ignored` and
 * `refused`: a test holds rows to it, and what a file gives beyond them is told to the user.
 */
export interface MessageRules {
  /** The message's type in the schema: `ConvolutionParameter`. */
  readonly message: string;
  readonly fields: FieldTable;
  /** Fields that change no numbers here, and why. */
  readonly ignored?: Readonly<Record<string, string>>;
  readonly refused?: Readonly<Record<string, Refusal>>;
}

/** The same with the types of its settings, and what holds between them. */
export interface FieldRules<Fields extends FieldTable = FieldTable> extends MessageRules {
  readonly fields: Fields;
  readonly checks?: readonly FieldCheck<Fields>[];
}

/** Names of fields in the file that a row reads. */
export function namesRead({ fields }: Pick<MessageRules, "fields">): readonly string[] {
  return Object.entries(fields).flatMap(([key, { names = [key] }]) => names);
}

/** Rules whose checks know the types of the settings. */
export function fieldRules<const Fields extends FieldTable>(rules: FieldRules<Fields>): FieldRules<Fields> {
  return rules;
}
