import { dashed, type FlagDefaults, type FlagRow, flagRows, withDefaults } from "./flag-table.js";

function placeholder(row: FlagRow): string {
  switch (row.kind) {
    case "text":
    case "pairs":
      return ` ${row.value}`;
    case "integer":
      return " N";
    case "choice":
      return " NAME";
    case "switch":
      return "";
  }
}

/** The text of `--help`. */
export function helpText(description: string, given: FlagDefaults): string {
  const defaults: Readonly<Record<string, unknown>> = { ...withDefaults(given) };
  const lines = flagRows.map(([name, row]) => {
    const value = placeholder(row);
    const short = row.short !== undefined && row.short !== name ? `${dashed(row.short)}, ` : "";
    const choices = row.kind === "choice" ? `: ${row.choices.join(", ")}` : "";
    const usual = defaults[name] === undefined ? "" : ` [${defaults[name]}]`;
    return `  ${`${short}${dashed(name)}${value}`.padEnd(20)}  ${row.describe}${choices}${usual}`;
  });
  return [description, "", "npm start -- [options]", "", ...lines].join("\n");
}
