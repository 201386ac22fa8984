import { dashed, type OptionRow, type OptionTable } from "./row.js";

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join(",") : String(value);
}

function argumentsOf(name: string, row: OptionRow, value: unknown, place: (path: string) => string): readonly string[] {
  switch (row.kind) {
    case "flag":
      return [value === true ? dashed(name) : `--no-${name}`];
    case "file":
    case "directory":
      return [dashed(name), place(String(value))];
    case "by-input": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return [dashed(name), textOf(value)];
      return Object.entries(value).flatMap(([input, one]) => [dashed(name), `${input}=${textOf(one)}`]);
    }
    default:
      return [dashed(name), textOf(value)];
  }
}

/**
 * The command line that gives these values: decoding it gives them again. `place` names a file as it is seen from where
 * the command line is used.
 */
export function commandLineOf(
  table: OptionTable,
  values: Readonly<Record<string, unknown>>,
  place: (path: string) => string = (path) => path,
): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const row = table[name];
    return row === undefined || value === undefined ? [] : argumentsOf(name, row, value, place);
  });
}
