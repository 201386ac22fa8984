import { classifyNumber } from "./numbers.js";
import { decodeString } from "./strings.js";
import type { TextPosition } from "./tree.js";

export interface Token extends TextPosition {
  readonly kind: "identifier" | "integer" | "float" | "string" | "symbol" | "end";
  /** As written; for a string its decoded value; empty at the end. */
  readonly text: string;
  /** Set where a problem of the token has been reported. */
  readonly bad?: true;
}

/** Told what is wrong, where, and what to do about it. */
export type Report = (at: TextPosition, message: string, hint?: string) => void;

/** A character or notation that text format does not have, and how much of it to skip. */
interface Intruder {
  readonly pattern: RegExp;
  readonly message: string;
  readonly hint?: string;
}

const intruders: readonly Intruder[] = [
  { pattern: /\/\/[^\n]*/y, message: '"//" does not start a comment here', hint: 'comments start with "#"' },
  {
    pattern: /\/\*[^\n]*/y,
    message: '"/* … */" is not a comment here',
    hint: 'comments start with "#" and end with the line',
  },
  {
    pattern: /\ufeff+/y,
    message: "a byte order mark (U+FEFF) stands in the text",
    hint: "save the file as UTF-8 without a byte order mark",
  },
  {
    pattern: /[\u00a0\u2000-\u200b\u202f\u3000]+/y,
    message: "a space that is not an ASCII space stands here",
    hint: "it often comes from copying out of a web page: replace it by a plain space",
  },
  { pattern: /\+/y, message: 'a number has no leading "+"' },
];

const smartString = /[“”„]([^“”„\n"]*)[“”"]?|[‘’‚]([^‘’‚\n']*)[‘’']?/y;
const space = /[ \t\n\r\v\f]+/y;
const comment = /#[^\n]*/y;
const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const digits = /(?:0[xX][0-9A-Fa-f]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fF]?)/y;
const touching = /[A-Za-z0-9_.]+/y;
const symbols = "{}<>[]:,;-";

/** Cuts prototxt into tokens, one at a time, with the line and column of each. Never throws. */
export class Tokenizer {
  readonly #text: string;
  readonly #report: Report;
  #offset = 0;
  #line = 1;
  #lineStart = 0;
  #nextLineFeed: number;

  constructor(text: string, report: Report) {
    this.#text = text;
    this.#report = report;
    this.#nextLineFeed = this.#lineFeedFrom(0);
  }

  next(): Token {
    for (;;) {
      if (this.#take(space) !== undefined || this.#take(comment) !== undefined) continue;
      if (this.#offset >= this.#text.length) return this.#token("end", "", this.#position());
      const token = this.#read();
      if (token !== undefined) return token;
    }
  }

  /** One token, or undefined after reporting something that is none. */
  #read(): Token | undefined {
    const at = this.#position();
    const character = this.#text[this.#offset] ?? "";
    const identifier = this.#take(word);
    if (identifier !== undefined) return this.#token("identifier", identifier[0], at);
    const number = this.#take(digits);
    if (number !== undefined) return this.#number(number[0], at);
    if (character === '"' || character === "'") return this.#string(character, at);
    if (symbols.includes(character)) {
      this.#offset++;
      return this.#token("symbol", character, at);
    }
    return this.#intruder(at);
  }

  #number(text: string, at: TextPosition): Token {
    const { kind, problem } = classifyNumber(text);
    const rest = this.#take(touching);
    if (rest !== undefined) this.#report(at, `"${shorten(text + rest[0])}" is neither a number nor a name`);
    else if (problem !== undefined) this.#report(at, `found "${shorten(text)}"; ${problem}`);
    const token = this.#token(kind, text, at);
    return rest === undefined && problem === undefined ? token : { ...token, bad: true };
  }

  #string(quote: string, at: TextPosition): Token {
    const start = this.#offset + 1;
    const end = this.#endOfString(start, quote);
    const { value, bad } = decodeString(this.#text.slice(start, end));
    const closed = this.#text[end] === quote;
    this.#offset = closed ? end + 1 : end;
    if (!closed) this.#report(at, `the string that starts with ${quote} is not closed on its line`);
    else if (bad !== undefined) this.#report(at, `the string holds the escape ${bad}, which text format does not have`);
    return this.#token("string", value, at);
  }

  /** Where the closing quote is, or the end of the line or text that comes before it. */
  #endOfString(start: number, quote: string): number {
    let end = start;
    while (end < this.#text.length) {
      const character = this.#text[end];
      if (character === quote || character === "\n") return end;
      end += character === "\\" && this.#text[end + 1] !== "\n" ? 2 : 1;
    }
    return Math.min(end, this.#text.length);
  }

  #intruder(at: TextPosition): Token | undefined {
    const quoted = this.#take(smartString);
    if (quoted !== undefined) {
      this.#report(at, `the string is in typographic quotes: ${shorten(quoted[0])}`, "use plain quotes: \" or '");
      return this.#token("string", quoted[1] ?? quoted[2] ?? "", at);
    }
    for (const { pattern, message, hint } of intruders) {
      if (this.#take(pattern) === undefined) continue;
      this.#report(at, message, hint);
      return undefined;
    }
    const code = this.#text.codePointAt(this.#offset) ?? 0;
    this.#offset += code > 0xffff ? 2 : 1;
    this.#report(at, `unexpected character ${describeCharacter(code)}`);
    return undefined;
  }

  /** Matches a sticky pattern here and moves past it, counting lines. */
  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#offset;
    const match = pattern.exec(this.#text);
    if (match === null || match[0] === "") return undefined;
    const end = this.#offset + match[0].length;
    while (this.#nextLineFeed < end) {
      this.#line++;
      this.#lineStart = this.#nextLineFeed + 1;
      this.#nextLineFeed = this.#lineFeedFrom(this.#lineStart);
    }
    this.#offset = end;
    return match;
  }

  #lineFeedFrom(offset: number): number {
    const at = this.#text.indexOf("\n", offset);
    return at < 0 ? this.#text.length : at;
  }

  #position(): TextPosition {
    return { line: this.#line, column: this.#offset - this.#lineStart + 1 };
  }

  #token(kind: Token["kind"], text: string, { line, column }: TextPosition): Token {
    return { kind, text, line, column };
  }
}

function describeCharacter(code: number): string {
  const name = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  return code > 32 && code !== 127 ? `"${String.fromCodePoint(code)}" (${name})` : name;
}

/** Keeps a quoted piece of the file to a length that fits a message. */
export function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
