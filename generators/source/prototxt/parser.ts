import type { Problem } from "../../../runtime/errors.js";
import type { Problems } from "../problems.js";
import { shorten, type Token, Tokenizer } from "./tokenizer.js";
import type { TextField, TextMessage, TextPosition, TextScalar, TextValue } from "./tree.js";

/** Messages inside messages; the protobuf libraries stop at 100 too. */
const deepest = 100;
/** A bound on memory: the largest published nets have some ten thousand fields. */
const mostFields = 500_000;
/** After this many syntax problems the text is something else than prototxt. */
const mostProblems = 40;

const closers: Readonly<Record<string, string>> = { "{": "}", "<": ">" };

/** Thrown inside the parser to leave the field at hand, or (fatal) the whole text. Never leaves this file. */
class Derailed extends Error {
  readonly fatal: boolean;
  constructor(fatal = false) {
    super("derailed");
    this.fatal = fatal;
  }
}

interface OpenMessage {
  readonly name: Token;
  readonly open: Token;
  /** Whether a field in it stands deeper than its name: then the text is indented. */
  indented: boolean;
}

export interface ParsedText {
  readonly root: TextMessage;
  /** True where an error may have lost a brace, so that what follows may stand in the wrong message. */
  readonly unbalanced: boolean;
}

/**
 * Reads prototxt (protobuf's text format) into a raw tree without a schema. Every syntax problem goes to `problems`;
 * after one, reading resumes at the next field or brace. Time and memory are bounded by the text's length.
 */
export function parseText(text: string, file: string, problems: Problems): ParsedText {
  return new Parser(text, file, problems).parse();
}

class Parser {
  readonly #tokenizer: Tokenizer;
  readonly #file: string;
  readonly #problems: Problems;
  readonly #open: OpenMessage[] = [];
  #token: Token = { kind: "end", text: "", line: 1, column: 1 };
  #fields = 0;
  #reported = 0;
  #unbalanced = false;
  /** While text is skipped, what is wrong in it is not reported: it is part of one problem. */
  #quiet = false;
  #suspect: TextPosition | undefined;

  constructor(text: string, file: string, problems: Problems) {
    this.#file = file;
    this.#problems = problems;
    this.#tokenizer = new Tokenizer(text, (at, message, hint) => this.#report(at, message, hint));
  }

  parse(): ParsedText {
    const fields: TextField[] = [];
    try {
      this.#advance();
      for (;;) {
        this.#readFields(fields, undefined);
        if (this.#token.kind === "end") break;
        this.#unbalanced = true;
        this.#report(this.#token, `"${this.#token.text}" closes nothing: no message is open here`);
        this.#advance();
      }
    } catch (error) {
      if (!(error instanceof Derailed)) throw error;
      this.#unbalanced = true;
    }
    return { root: { kind: "message", fields, line: 1, column: 1 }, unbalanced: this.#unbalanced };
  }

  /** Reads fields up to a closing brace, which is left for the caller, or the end. */
  #readFields(fields: TextField[], opened: OpenMessage | undefined): void {
    while (this.#token.kind !== "end" && !this.#at("}") && !this.#at(">")) {
      if (opened !== undefined) this.#watchIndent(opened);
      const started = this.#token;
      try {
        fields.push(this.#readField());
      } catch (error) {
        if (!(error instanceof Derailed) || error.fatal) throw error;
        this.#resume(started);
      }
    }
  }

  #readField(): TextField {
    if (++this.#fields > mostFields) this.#stop(`the text has more than ${mostFields} fields`);
    const name = this.#readName();
    const colon = this.#take(":");
    const list = this.#at("[");
    const values = list ? this.#readList(colon, name) : [this.#readValue(colon, name)];
    if (!this.#take(",")) this.#take(";");
    return { name: name.text, line: name.line, column: name.column, colon, list, values };
  }

  #readName(): Token {
    const token = this.#token;
    if (token.kind === "identifier") {
      this.#advance();
      return token;
    }
    const hints: Readonly<Record<string, string>> = {
      "[": "names in brackets are extensions, and Caffe declares none",
      "{": "a file has no braces around it; a message starts with its name, like `layer {`",
      "<": "a file that starts with `<` is often a saved web page",
      ",": "one separator at most stands between two fields",
      ";": "one separator at most stands between two fields",
    };
    return this.#fail(`expected the name of a field, found ${describe(token)}`, hints[token.text]);
  }

  #readValue(colon: boolean, name: Token): TextValue {
    if (this.#at("{") || this.#at("<")) return this.#readMessage(name);
    if (colon) return this.#readScalar();
    return this.#fail(`expected ":" or "{" after "${shorten(name.text)}", found ${describe(this.#token)}`);
  }

  #readMessage(name: Token): TextMessage {
    const open = this.#token;
    if (this.#open.length >= deepest) this.#stop(`messages are nested more than ${deepest} deep`);
    const opened = { name, open, indented: false };
    this.#open.push(opened);
    this.#advance();
    const fields: TextField[] = [];
    this.#readFields(fields, opened);
    this.#open.pop();
    this.#close(opened);
    return { kind: "message", fields, line: open.line, column: open.column };
  }

  #close({ name, open }: OpenMessage): void {
    const closer = closers[open.text] ?? "}";
    if (this.#take(closer)) return;
    const where = `the message "${shorten(name.text)}" opened at ${open.line}:${open.column} with "${open.text}"`;
    this.#unbalanced = true;
    if (this.#token.kind === "end") {
      const suspect = this.#suspect;
      const hint =
        suspect === undefined
          ? undefined
          : `the field at ${suspect.line}:${suspect.column} stands no deeper than the message around it: the "${closer}" is probably missing before it`;
      this.#report(this.#token, `${where} is not closed: the file ends first`, hint);
      throw new Derailed(true);
    }
    this.#report(this.#token, `${where} is closed with "${this.#token.text}"`);
    this.#advance();
  }

  #readList(colon: boolean, name: Token): TextValue[] {
    this.#advance();
    const values: TextValue[] = [];
    if (this.#take("]")) return values;
    do {
      if (++this.#fields > mostFields) this.#stop(`the text has more than ${mostFields} values`);
      if (this.#at("[")) this.#fail("a list holds no lists");
      values.push(this.#readValue(colon, name));
    } while (this.#take(","));
    if (!this.#take("]")) this.#fail(`expected "," or "]" in the list, found ${describe(this.#token)}`);
    return values;
  }

  #readScalar(): TextScalar {
    const { line, column } = this.#token;
    const negative = this.#take("-");
    const token = this.#token;
    if (token.kind === "symbol" || token.kind === "end" || (negative && token.kind === "string")) {
      return this.#fail(`expected a value, found ${describe(token)}`);
    }
    this.#advance();
    if (token.kind !== "string") {
      const scalar = { kind: token.kind, text: token.text, negative, line, column };
      return token.bad === undefined ? scalar : { ...scalar, bad: true };
    }
    const parts = [token.text];
    for (; this.#token.kind === "string"; this.#advance()) parts.push(this.#token.text);
    return { kind: "string", text: parts.join(""), negative, line, column };
  }

  /** Skips to where a field can start: a name on a later line than the broken field, or the closing brace. */
  #resume(started: Token): void {
    this.#quiet = true;
    const nested: string[] = [];
    while (this.#token.kind !== "end") {
      const token = this.#token;
      const closer = closers[token.text];
      if (token.kind === "symbol" && closer !== undefined) nested.push(closer);
      else if (this.#at("}") || this.#at(">")) {
        if (nested.pop() === undefined) break;
      } else if (nested.length === 0 && token.kind === "identifier" && token.line > started.line) break;
      this.#advance();
    }
    this.#quiet = false;
  }

  /** Remembers the first field that its indentation puts outside the message it is in: a missing brace shows there. */
  #watchIndent(opened: OpenMessage): void {
    const field = this.#token;
    if (field.line === opened.open.line) return;
    if (field.column > opened.name.column) opened.indented = true;
    else if (opened.indented) this.#suspect ??= field;
  }

  #at(symbol: string): boolean {
    return this.#token.kind === "symbol" && this.#token.text === symbol;
  }

  #take(symbol: string): boolean {
    if (!this.#at(symbol)) return false;
    this.#advance();
    return true;
  }

  #advance(): void {
    this.#token = this.#tokenizer.next();
  }

  #report({ line, column }: TextPosition, message: string, hint?: string): void {
    if (this.#quiet) return;
    const at = { file: this.#file, line, column };
    const problem: Problem = { code: "PROTOTXT_SYNTAX", message, at };
    this.#problems.add(hint === undefined ? problem : { ...problem, hint });
    if (++this.#reported > mostProblems) throw new Derailed(true);
  }

  #fail(message: string, hint?: string): never {
    this.#report(this.#token, message, hint);
    throw new Derailed();
  }

  #stop(message: string): never {
    const { line, column } = this.#token;
    this.#problems.add({ code: "PROTOTXT_TOO_LARGE", message, at: { file: this.#file, line, column } });
    throw new Derailed(true);
  }
}

function describe(token: Token): string {
  if (token.kind === "end") return "the end of the file";
  return token.kind === "string" ? `the string "${shorten(token.text)}"` : `"${shorten(token.text)}"`;
}
