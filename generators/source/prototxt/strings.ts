const simpleEscapes: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  a: "\x07",
  b: "\b",
  v: "\v",
  f: "\f",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "?": "?",
};

/** A surrogate pair written as two escapes is one code point; it is tried first. */
const escapes =
  /\\u([dD][89abAB][0-9A-Fa-f]{2})\\u([dD][c-fC-F][0-9A-Fa-f]{2})|\\(?:([0-7]{1,3})|[xX]([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([\s\S]))/g;

export interface DecodedString {
  readonly value: string;
  /** The first escape that text format does not know, as written. */
  readonly bad?: string;
}

/**
 * Decodes what stands between the quotes. `\ooo` and `\xHH` are bytes, `\uXXXX` and `\UXXXXXXXX` code points; the
 * result is read as UTF-8 (protobuf.dev text format specification, String Literals).
 */
export function decodeString(raw: string): DecodedString {
  if (!raw.includes("\\")) return { value: raw };
  // No escape stands for more bytes than it is written with.
  const bytes = Buffer.alloc(Buffer.byteLength(raw));
  let length = 0;
  let done = 0;
  let bad: string | undefined;
  for (const match of raw.matchAll(escapes)) {
    length += bytes.write(raw.slice(done, match.index), length);
    done = match.index + match[0].length;
    const decoded = decodeEscape(match);
    if (decoded === undefined) bad ??= match[0];
    else if (typeof decoded === "number") bytes[length++] = decoded;
    else length += bytes.write(decoded, length);
  }
  length += bytes.write(raw.slice(done), length);
  const value = bytes.toString("utf8", 0, length);
  return bad === undefined ? { value } : { value, bad };
}

/** The byte (a number) or the text that an escape stands for. */
function decodeEscape(match: RegExpMatchArray): number | string | undefined {
  const [, high, low, octal, hex, short, long, letter] = match;
  if (high !== undefined && low !== undefined) {
    return codePoint(0x10000 + (Number.parseInt(high, 16) - 0xd800) * 0x400 + (Number.parseInt(low, 16) - 0xdc00));
  }
  if (octal !== undefined || hex !== undefined) {
    const value = octal === undefined ? Number.parseInt(hex ?? "", 16) : Number.parseInt(octal, 8);
    return value > 255 ? undefined : value;
  }
  const code = short ?? long;
  if (code !== undefined) return codePoint(Number.parseInt(code, 16));
  return letter === undefined ? undefined : simpleEscapes[letter];
}

function codePoint(value: number): string | undefined {
  const isSurrogate = value >= 0xd800 && value <= 0xdfff;
  return value > 0x10ffff || isSurrogate ? undefined : String.fromCodePoint(value);
}
