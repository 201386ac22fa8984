/**
 * How fast text tables become typed arrays: `readDataset` against csv-parse, which read them before, in one run. The
 * tables are made here: whole numbers from 0 to 255 as an image data set has them, decimals, and numbers in quotes.
 *
 * Usage: npm run build && node benchmarks/csv.mjs [MEGABYTES]   (default 110, the size of MNIST as CSV)
 */

import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse";
import { readDataset } from "../dist/runtime/index.js";

const megabytes = Number(process.argv[2] ?? 110);
const columns = 784;
const directory = mkdtempSync(join(tmpdir(), "paramserv-csv-"));

/** Rows of 784 cells and a label until the file is large enough; a linear congruential generator makes the numbers. */
function table(name, cell) {
  const file = join(directory, name);
  const handle = openSync(file, "w");
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const blocks = Array.from({ length: 64 }, () => {
    const cells = Array.from({ length: columns }, () => cell(next));
    return `${cells.join(",")},${Math.floor(next() * 10)}\n`;
  });
  const block = blocks.join("");
  for (let bytes = 0; bytes < megabytes * 1e6; bytes += block.length) writeSync(handle, block);
  closeSync(handle);
  return file;
}

/** What reading was: csv-parse's records, each cell trimmed, converted and rounded to float32. */
async function before(file) {
  let values = new Float32Array(1024);
  let length = 0;
  const options = { bom: true, info: true, relax_column_count: true, skip_empty_lines: true, trim: true };
  for await (const { record } of createReadStream(file, { highWaterMark: 1 << 20 }).pipe(parse(options))) {
    if (length + record.length > values.length) {
      const grown = new Float32Array(Math.max(values.length * 2, length + record.length));
      grown.set(values);
      values = grown;
    }
    for (const cell of record) values[length++] = Math.fround(Number(cell.trim()));
  }
  return length;
}

async function speed(file, read) {
  const start = performance.now();
  await read(file);
  return statSync(file).size / 1e6 / ((performance.now() - start) / 1000);
}

const kinds = {
  "whole numbers, one in five not 0": (next) => (next() < 0.2 ? Math.floor(next() * 256) : 0),
  "decimals of 6 places": (next) => (next() * 2 - 1).toFixed(6),
  "numbers in quotes": (next) => `"${Math.floor(next() * 256)}"`,
};

try {
  console.log(`tables of ${megabytes} MB, MB/s on one core (with the file's sha-256 and the copy to shared memory)`);
  for (const [kind, cell] of Object.entries(kinds)) {
    const file = table("table.csv", cell);
    await speed(file, readDataset);
    const now = await speed(file, readDataset);
    const then = await speed(file, before);
    console.log(`${kind}: ${now.toFixed(1)} now, ${then.toFixed(1)} with csv-parse, ${(now / then).toFixed(1)} times`);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
