import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { builtinDefaults } from "../../runtime/options/defaults.js";
import { checkOptions } from "../../runtime/paramserv/options.js";
import { frequencies } from "../../runtime/paramserv/protocol/frequencies.js";
import { strategies } from "../../runtime/paramserv/protocol/strategies.js";

const page = readFileSync(new URL("../../docs/paramserv.md", import.meta.url), "utf8");
/** The rows of its option table, by option. */
const rows = new Map(
  page
    .slice(page.indexOf("## Options"), page.indexOf("## Strategy"))
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .flatMap((line) => {
      const [, names = "", , byDefault = ""] = line
        .split(" | ")
        .flatMap((cell, at) => (at === 0 ? ["", cell] : [cell]));
      return [...names.matchAll(/`(\w+)`/g)].map(([, name = ""]) => [name, byDefault] as const);
    }),
);

/** All names that paramserv() takes, as it tells them itself. */
function optionNames(): readonly string[] {
  try {
    checkOptions({ "?": 1 });
  } catch (error) {
    const { problems } = error as { problems: readonly { code: string; hint?: string }[] };
    const hint = problems.find(({ code }) => code === "PARAMSERV_OPTION_UNKNOWN")?.hint ?? "";
    return hint.replace("options: ", "").split(", ");
  }
  return [];
}

describe("docs/paramserv.md", () => {
  test("has each option of paramserv(), and no other", () => {
    expect([...rows.keys()].sort()).toEqual([...optionNames()].sort());
  });

  test.each(Object.entries(builtinDefaults))("says the default of %s", (name, value) => {
    expect(rows.get(name)?.replaceAll("`", "")).toBe(String(value));
  });

  test("names each strategy and frequency", () => {
    for (const name of [...Object.keys(strategies), ...Object.keys(frequencies)])
      expect(page).toContain(`\`${name}\``.replace("`BATCH`", "BATCH"));
  });
});
