import { dataError } from "../problem-list.js";
import { cellNumber } from "./csv-columns.js";
import { numberIn } from "./csv-numbers.js";

/** Bytes of one line: room for a 224×224 colour image, but not for a whole file after a forgotten quote. */
const maxRecord = 1 << 24;

const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** A row of a text table. */
export interface CsvRow {
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** Cells. */
  readonly count: number;
  /** A cell as text, without its quotes and the blanks around it. */
  text(index: number): string;
  /** The number of a cell, as `Number` reads it; NaN for an empty cell or text. */
  number(index: number): number;
}

/** What a byte can be in a cell without quotes. */
const [ordinary, ending, blank, quoting] = [0, 1, 2, 3];

/**
 * The records of a text table, as RFC 4180 has them: cells in double quotes may hold delimiters, line breaks and doubled
 * quotes. Lines end in LF, CR LF or CR; blanks around cells and blank lines do not count. The scanner is the record that
 * it has come to; cells are ranges of bytes, and no string is made of one before somebody asks for it.
 *
 * This is our own because parsers of npm's registry make a string of every cell: on numbers they reach half to a quarter
 * of its speed (`benchmarks/csv.mjs`), and those that are fast do not say at which line a quote is wrong. The tests
 * compare it with csv-parse.
 */
export class RecordScanner implements CsvRow {
  readonly #file: string;
  readonly #delimiter: number;
  /** The meaning of each byte outside quotes: one look-up instead of five comparisons. */
  readonly #kinds = new Uint8Array(256).fill(ordinary);
  #bytes: Uint8Array = new Uint8Array();
  /** The bytes of each cell, without the blanks around it and without its quotes. */
  #starts = new Int32Array(64);
  #ends = new Int32Array(64);
  /** Cells that hold doubled quotes. */
  #doubled = new Set<number>();
  count = 0;
  line = 1;
  /** Where the next record begins, and in which line. */
  #at = 0;
  #nextLine = 1;

  constructor(file: string, delimiter: number) {
    this.#file = file;
    this.#delimiter = delimiter;
    for (const each of [0x20, 0x09, 0x0b, 0x0c]) this.#kinds[each] = blank;
    for (const each of [delimiter, lineFeed, carriageReturn]) this.#kinds[each] = ending;
    this.#kinds[quote] = quoting;
  }

  /** Takes more of the file, once {@link next} has said that it needs more. */
  append(chunk: Uint8Array): void {
    const rest = this.#bytes.subarray(this.#at);
    if (rest.length > maxRecord) throw this.#damaged(`a record has more than ${maxRecord} bytes`, this.#nextLine);
    this.#bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    this.#at = 0;
  }

  text(index: number): string {
    const { buffer, byteOffset } = this.#bytes;
    const [start = 0, end = 0] = [this.#starts[index], this.#ends[index]];
    const text = Buffer.from(buffer, byteOffset + start, end - start).toString("utf8");
    return this.#doubled.has(index) ? text.replaceAll('""', '"') : text;
  }

  number(index: number): number {
    const value = numberIn(this.#bytes, this.#starts[index] ?? 0, this.#ends[index] ?? 0);
    return value ?? cellNumber(this.text(index));
  }

  /** Goes to the next record; false where the bytes so far end before it does. `final`: no more will come. */
  next(final: boolean): boolean {
    while (this.#at < this.#bytes.length) {
      const { line, at } = { line: this.#nextLine, at: this.#at };
      if (!this.#scan(final)) {
        this.#nextLine = line;
        return false;
      }
      this.line = line;
      if (this.#at - at > maxRecord) throw this.#damaged(`a record has more than ${maxRecord} bytes`, line);
      if (!this.#isBlank()) return true;
    }
    return false;
  }

  /** A line without anything in it, quotes included. */
  #isBlank(): boolean {
    return this.count === 1 && this.#starts[0] === this.#ends[0] && this.#bytes[(this.#starts[0] ?? 0) - 1] !== quote;
  }

  /** Finds the cells of one record. */
  #scan(final: boolean): boolean {
    const bytes = this.#bytes;
    const { length } = bytes;
    const delimiter = this.#delimiter;
    this.count = 0;
    if (this.#doubled.size > 0) this.#doubled.clear();
    let at = this.#at;
    for (;;) {
      at = this.#plainCells(at);
      if (bytes[at] === quote) at = this.#quoted(at, final);
      if (at < 0) return false;
      this.count += 1;
      if (at >= length) {
        if (final) this.#at = at;
        return final;
      }
      if (bytes[at] === delimiter) at += 1;
      else return this.#endLine(at, final);
    }
  }

  /** Cells without quotes, up to the line's last or to one in quotes; where that ends or begins. The hot loop. */
  #plainCells(from: number): number {
    const bytes = this.#bytes;
    const kinds = this.#kinds;
    const { length } = bytes;
    const delimiter = this.#delimiter;
    let { count } = this;
    let at = from;
    for (;;) {
      while (at < length && kinds[bytes[at] ?? 0] === blank) at += 1;
      if (count === this.#starts.length) this.#grow();
      this.count = count;
      if (at < length && bytes[at] === quote) return at;
      const start = at;
      let last = at;
      let kind = ordinary;
      for (; at < length; at++) {
        kind = kinds[bytes[at] ?? 0] ?? ordinary;
        if (kind === ordinary) last = at + 1;
        else if (kind !== blank) break;
      }
      if (kind === quoting) this.#strayQuote(at);
      this.#starts[count] = start;
      this.#ends[count] = last;
      if (at >= length || bytes[at] !== delimiter) return at;
      count += 1;
      at += 1;
    }
  }

  /** Behind the line break at `at`. A CR that ends the bytes may be half of one. */
  #endLine(at: number, final: boolean): boolean {
    const carriage = this.#bytes[at] === carriageReturn;
    if (carriage && at + 1 === this.#bytes.length && !final) return false;
    this.#at = carriage && this.#bytes[at + 1] === lineFeed ? at + 2 : at + 1;
    this.#nextLine += 1;
    return true;
  }

  /** A cell in quotes; where what follows it begins, or −1 where the bytes end before that is known. */
  #quoted(opening: number, final: boolean): number {
    const bytes = this.#bytes;
    let at = opening + 1;
    for (;;) {
      const closing = bytes.indexOf(quote, at);
      if (closing < 0 && final) {
        throw this.#damaged("Quote Not Closed: nothing closes the quote that opens a cell", this.#lineOf(opening));
      }
      if (closing < 0 || (closing + 1 === bytes.length && !final)) return -1;
      if (bytes[closing + 1] !== quote) {
        this.#starts[this.count] = opening + 1;
        this.#ends[this.count] = closing;
        return this.#afterQuote(opening, closing, final);
      }
      this.#doubled.add(this.count);
      at = closing + 2;
    }
  }

  /** Only blanks may stand between a closing quote and the end of its cell. */
  #afterQuote(opening: number, closing: number, final: boolean): number {
    const bytes = this.#bytes;
    let at = closing + 1;
    while (at < bytes.length && this.#kinds[bytes[at] ?? 0] === blank) at += 1;
    if (at === bytes.length) return final ? at : -1;
    if (this.#kinds[bytes[at] ?? 0] !== ending) {
      const found = JSON.stringify(String.fromCharCode(bytes[at] ?? 0));
      const expected = `${found} follows the closing quote, expected the end of the cell`;
      throw this.#damaged(`Quote Closed Early: ${expected}`, this.#lineOf(closing));
    }
    for (let each = opening; each < closing; each++) if (this.#breaksLine(each)) this.#nextLine += 1;
    return at;
  }

  #breaksLine(at: number): boolean {
    return this.#bytes[at] === lineFeed || (this.#bytes[at] === carriageReturn && this.#bytes[at + 1] !== lineFeed);
  }

  /** The line of a place in the record that is being scanned. */
  #lineOf(place: number): number {
    let line = this.#nextLine;
    const from = this.count === 0 ? this.#at : (this.#ends[this.count - 1] ?? this.#at);
    for (let at = from; at < place; at++) if (this.#breaksLine(at)) line += 1;
    return line;
  }

  #strayQuote(at: number): never {
    throw this.#damaged("Quote Inside: a quote stands in a cell that does not begin with one", this.#lineOf(at));
  }

  #damaged(reason: string, line: number) {
    const at = { file: this.#file, line };
    return dataError("DATA_FILE_DAMAGED", `the table cannot be read: ${reason}`, { at });
  }

  #grow(): void {
    const [starts, ends] = [this.#starts, this.#ends];
    this.#starts = new Int32Array(starts.length * 2);
    this.#ends = new Int32Array(ends.length * 2);
    this.#starts.set(starts);
    this.#ends.set(ends);
  }
}
