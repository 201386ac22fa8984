import { printable } from "../runtime/printable.js";

/** Says something to the person at the terminal: stderr, a line. stdout is for the product only. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Writes the product of a command to stdout. */
export function writeProduct(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** A column of a text table. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

/** Sets rows under a header, columns two spaces apart, without trailing blanks. Cells cannot steer the terminal. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows].map((line) => line.map(printable));
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  return lines
    .map((line) =>
      columns
        .map(({ align }, column) => {
          const cell = line[column] ?? "";
          const width = widths[column] ?? 0;
          return align === "right" ? cell.padStart(width) : cell.padEnd(width);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
