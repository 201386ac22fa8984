import protobuf, { type Field, type Type } from "protobufjs";
import type { Problem } from "../../../runtime/errors.js";
import { nearestName } from "../../../runtime/nearest.js";
import type { Problems } from "../problems.js";
import { type Entry, Message } from "./message.js";
import { readScalar } from "./scalars.js";
import { shorten } from "./tokenizer.js";
import type { TextField, TextMessage, TextPosition, TextValue } from "./tree.js";

export interface CheckContext {
  readonly file: string;
  readonly problems: Problems;
  /** Whether fields of this message that the schema does not have are passed over: another rule reports the message. */
  tolerates?(type: Type, text: TextMessage): boolean;
  /** Advice for a field that the schema does not have, better than the nearest name. */
  hintFor?(type: Type, field: string): string | undefined;
}

/** Where a message is, for people: the field that holds it. */
interface Place extends CheckContext {
  readonly within: string;
}

/**
 * Checks a raw tree against a message type: unknown fields, wrong types, enum values, ranges, repeated singular fields
 * and missing required ones each become a problem; what is right is kept. Fields that a singular message gives twice are
 * an error as in Caffe, whose parser refuses them.
 */
export function checkMessage(text: TextMessage, type: Type, within: string, context: CheckContext): Message {
  type.root.resolveAll();
  return new Check(text, type, { ...context, within }).run();
}

class Check {
  readonly #text: TextMessage;
  readonly #at: TextPosition;
  readonly #type: Type;
  readonly #place: Place;
  readonly #entries = new Map<string, Entry[]>();
  #damaged = false;

  constructor(text: TextMessage, type: Type, place: Place, at: TextPosition = text) {
    this.#text = text;
    this.#at = at;
    this.#type = type;
    this.#place = place;
  }

  run(): Message {
    for (const field of this.#text.fields) this.#checkField(field);
    for (const field of this.#type.fieldsArray) {
      if (field.required && !this.#entries.has(field.name)) {
        this.#report(
          this.#at,
          "PROTOTXT_FIELD_MISSING",
          `${this.#place.within} lacks its required field "${field.name}"`,
        );
      }
    }
    const { file } = this.#place;
    return new Message({ type: this.#type, file, at: this.#at, entries: this.#entries, damaged: this.#damaged });
  }

  #checkField(text: TextField): void {
    const field = Object.hasOwn(this.#type.fields, text.name) ? this.#type.fields[text.name] : undefined;
    if (field === undefined) {
      this.#unknown(text);
      return;
    }
    const scalarOnly = !(field.resolvedType instanceof protobuf.Type);
    if (!text.colon && scalarOnly && text.values.every(({ kind }) => kind !== "message")) {
      this.#report(text, "PROTOTXT_SYNTAX", `expected ":" after "${text.name}"`);
    }
    if (text.list && !field.repeated) {
      this.#report(text, "PROTOTXT_VALUE_INVALID", `"${text.name}" takes one value, found a list`);
      return;
    }
    const entries = this.#entries.get(text.name) ?? [];
    for (const value of text.values) {
      const [first] = entries;
      if (first !== undefined && !field.repeated) {
        const earlier = `the first is at line ${first.line}`;
        this.#report(
          text,
          "PROTOTXT_FIELD_REPEATED",
          `"${text.name}" is given twice in ${this.#place.within}; ${earlier}`,
        );
        return;
      }
      const entry = this.#checkValue(field, value, text.list ? value : text);
      if (entry !== undefined) entries.push(entry);
    }
    if (entries.length > 0) this.#entries.set(text.name, entries);
  }

  /** `at` is where a message is said to be: at its field's name, in a list at its brace. */
  #checkValue(field: Field, value: TextValue, at: TextPosition): Entry | undefined {
    const { line, column } = value;
    if (field.resolvedType instanceof protobuf.Type) {
      if (value.kind !== "message") {
        const found = `"${shorten(value.text)}"`;
        this.#report(value, "PROTOTXT_VALUE_INVALID", `"${field.name}" takes a message in braces, found ${found}`);
        return undefined;
      }
      const message = new Check(value, field.resolvedType, { ...this.#place, within: field.name }, at).run();
      if (message.damaged) this.#damaged = true;
      return { value: message, line: at.line, column: at.column };
    }
    if (value.kind === "message") {
      this.#report(value, "PROTOTXT_VALUE_INVALID", `"${field.name}" takes a plain value, found a message in braces`);
      return undefined;
    }
    if (value.bad === true) {
      this.#damaged = true;
      return undefined;
    }
    const result = readScalar(field, value);
    if ("value" in result) return { value: result.value, line, column };
    const quotes = value.kind === "string" ? '"' : "";
    const found = `${value.negative ? "-" : ""}${quotes}${shorten(value.text)}${quotes}`;
    const message = `"${field.name}" takes ${result.expected}, found ${found}`;
    this.#report(value, "PROTOTXT_VALUE_INVALID", message, result.hint);
    return undefined;
  }

  #unknown(text: TextField): void {
    if (this.#place.tolerates?.(this.#type, this.#text) === true) return;
    const nearest = nearestName(text.name, Object.keys(this.#type.fields));
    const nearestHint = nearest === undefined ? undefined : `the nearest field is "${nearest}"`;
    const hint = this.#place.hintFor?.(this.#type, text.name) ?? nearestHint;
    this.#report(text, "PROTOTXT_FIELD_UNKNOWN", `${this.#place.within} has no field "${shorten(text.name)}"`, hint);
  }

  #report({ line, column }: TextPosition, code: Problem["code"], message: string, hint?: string): void {
    this.#damaged = true;
    const problem: Problem = { code, message, at: { file: this.#place.file, line, column } };
    this.#place.problems.add(hint === undefined ? problem : { ...problem, hint });
  }
}
