import { CsvError } from "csv-parse";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numberIn } from "../../runtime/data/formats/csv-numbers.js";
import { RecordScanner } from "../../runtime/data/formats/csv-records.js";
import { isBaseError } from "../../runtime/errors.js";
import { pairOf, problemsOf, readDataset, temporaryDirectory } from "./files.js";

const directory = temporaryDirectory();

interface Found {
  readonly records: readonly (readonly string[])[];
  readonly lines: readonly number[];
}

/** What the scanner finds in a text that comes in pieces of so many bytes. */
function scanned(text: string, piece: number, delimiter = ","): Found {
  const scanner = new RecordScanner("t.csv", delimiter.charCodeAt(0));
  const [records, lines]: [string[][], number[]] = [[], []];
  const take = () => {
    records.push(Array.from({ length: scanner.count }, (_, index) => scanner.text(index)));
    lines.push(scanner.line);
  };
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += piece) {
    scanner.append(bytes.subarray(at, at + piece));
    while (scanner.next(false)) take();
  }
  while (scanner.next(true)) take();
  return { records, lines };
}

/** The same by csv-parse, "refused" where it throws. */
function parsed(text: string, delimiter = ","): readonly (readonly string[])[] | "refused" {
  try {
    return parse(text, { delimiter, relax_column_count: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    if (error instanceof CsvError) return "refused";
    throw error;
  }
}

function outcome(text: string, piece: number, delimiter?: string): readonly (readonly string[])[] | "refused" {
  try {
    return scanned(text, piece, delimiter).records;
  } catch (error) {
    if (isBaseError(error) && error.code === "DATA_FILE_DAMAGED") return "refused";
    throw error;
  }
}

describe("scanning records", () => {
  it.each([",", ";", "\t"])(
    "finds what csv-parse finds, wherever the bytes are cut, with the delimiter %j",
    (delimiter) => {
      const token = fc.constantFrom(
        delimiter,
        delimiter,
        "\n",
        '"',
        '""',
        " ",
        "1",
        "-2.5",
        "é",
        "a b",
        `"x${delimiter}"`,
        '"\n"',
      );
      fc.assert(
        fc.property(fc.array(token, { maxLength: 24 }), fc.integer({ min: 1, max: 9 }), (tokens, piece) => {
          const text = tokens.join("");
          // csv-parse takes a second cell in quotes behind the blanks after one; here it is refused.
          fc.pre(!/" +"/.test(text));
          expect(outcome(text, piece, delimiter)).toEqual(parsed(text, delimiter));
        }),
        { seed: 21, numRuns: 4000 },
      );
    },
  );

  it("takes every kind of line break", () => {
    for (const piece of [1, 2, 3, 100]) {
      expect(scanned('1,2\r\n"3\r\n",4\r\r5,\n\n6', piece)).toEqual({
        records: [["1", "2"], ["3\r\n", "4"], ["5", ""], ["6"]],
        lines: [1, 2, 5, 7],
      });
    }
  });

  it("grows with the cells of a line", () => {
    const cells = Array.from({ length: 1000 }, (_, index) => `${index}`);
    expect(scanned(`${cells.join(",")}\n`, 77).records).toEqual([cells]);
  });

  it.each([
    ['1,2\n"3,\n4\n', 2, "Quote Not Closed"],
    ['1,2\n"3\n\n",4\n5,"6" 7\n', 5, 'Quote Closed Early: "7" follows'],
    ['1,2\n"a\nb",c"\n', 3, "Quote Inside"],
  ])("says in which line of %j a quote is wrong", async (text, line, reason) => {
    for (const piece of [1, 4, 100]) {
      expect(() => scanned(text, piece)).toThrow(
        `t.csv:${line} DATA_FILE_DAMAGED: the table cannot be read: ${reason}`,
      );
    }
  });
});

describe("numbers of a table", () => {
  const floats = (cells: readonly string[]) => readDataset(directory.write("numbers.csv", `${cells.join(",")},0\n`));

  it("have the bits that Number gives them, rounded to float32", async () => {
    const written = fc.oneof(
      fc.double({ noNaN: true, min: -3e38, max: 3e38 }).map(String),
      fc.float({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.integer().map(String),
      fc.tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.nat({ max: 24 })).map(([digits, point]) => {
        const text = String(digits < 0n ? -digits : digits).padStart(point + 1, "0");
        const sign = digits < 0n ? "-" : "";
        return `${sign}${text.slice(0, text.length - point)}.${text.slice(text.length - point)}`;
      }),
      fc.constantFrom("-0", ".5", "5.", "+1", "1e-45", "0x1f", "007", "-.25", "123456789012345", "1234567890123456789"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(written, { minLength: 1, maxLength: 40 }), async (cells) => {
        const { features } = pairOf(await floats(cells));
        expect([...features.data]).toEqual(cells.map((cell) => Math.fround(Number(cell))));
      }),
      { seed: 22, numRuns: 200 },
    );
  });

  it.each(["1.2.3", "-", ".", "1-2", "--1", "1 2", "1e", "abc", "1,5e39", "NaN", "Infinity"])(
    "are not %j",
    async (cell) => {
      expect(await problemsOf(floats(["1", ...cell.split(",")]))).toEqual([
        expect.stringMatching(/^DATA_CELL_INVALID column [23] /),
      ]);
    },
  );

  it("have all bits of float64 before they are rounded", () => {
    const digits = fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 19n }), fc.nat({ max: 18 })).map(([whole, point]) => {
      const text = String(whole).padStart(point + 1, "0");
      return `${text.slice(0, text.length - point)}.${text.slice(text.length - point)}`;
    });
    fc.assert(
      fc.property(digits, (text) => {
        const bytes = Buffer.from(text);
        const value = numberIn(bytes, 0, bytes.length);
        if (value !== undefined) expect(value).toBe(Number(text));
      }),
      { seed: 23, numRuns: 2000 },
    );
  });

  it("are read in quotes, and from UTF-16 as Windows writes it", async () => {
    const text = 'a,label\n"1","2"\n" 3 ",4\n';
    const wide = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
    for (const bytes of [Buffer.from(text), wide]) {
      const { features, labels } = pairOf(await readDataset(directory.write("quoted.csv", bytes)));
      expect([[...features.data], [...labels.data]]).toEqual([
        [1, 3],
        [2, 4],
      ]);
    }
  });
});

it("a record of more than 16 MiB is refused before the file is in memory", async () => {
  const file = directory.write("open.csv", `1,2\n"${"3,4\n".repeat(10 << 20)}`);
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const onProgress = () => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  };
  await expect(readDataset(file, { onProgress })).rejects.toThrow(
    /open\.csv:2 DATA_FILE_DAMAGED: the table cannot be read: a record has more than 16777216 bytes/,
  );
  expect(most).toBeLessThan(400e6);
});
