// The size gate: a source file has one responsibility and at most 300 lines. Tests and tables may be longer.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const mostLines = 300;
const tables = new Set(["runtime/error-codes.ts"]);

const files = ["cli", "generators", "runtime"].flatMap((folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name)),
);
const tooLong = files
  .map((file) => ({ file, lines: readFileSync(file, "utf8").split("\n").length - 1 }))
  .filter(({ file, lines }) => lines > mostLines && !tables.has(file) && !file.includes("schema"));
for (const { file, lines } of tooLong) console.error(`${file} has ${lines} lines, expected at most ${mostLines}`);
process.exit(tooLong.length > 0 ? 1 : 0);
