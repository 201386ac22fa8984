import type { Problem, SourceRef } from "../errors.js";
import { show } from "../optimizers/checks.js";
import { checkValue } from "./check.js";
import { camelCase, type OptionTable, type OptionValues } from "./row.js";
import { suggest } from "./suggest.js";

/**
 * Checks options that code or a configuration file gives, under their names in code (`learningRate`). Every problem is
 * collected, with the place that `at` says for a name; the values are under the names of the table.
 */
export function decodeValues<Table extends OptionTable>(
  table: Table,
  given: Readonly<Record<string, unknown>>,
  at: (name: string) => SourceRef,
): { readonly values: Partial<OptionValues<Table>>; readonly problems: readonly Problem[] } {
  const names = new Map(Object.keys(table).map((name) => [camelCase(name), name]));
  const values: Record<string, unknown> = {};
  const problems = Object.entries(given).flatMap(([key, value]): readonly Problem[] => {
    const name = names.get(key);
    const row = name === undefined ? undefined : table[name];
    if (name === undefined || row === undefined) return [unknownName(key, [...names.keys()], at(key))];
    if (value === undefined) return [];
    const checked = checkValue(row, value);
    if ("value" in checked) {
      values[name] = value;
      return [];
    }
    const message = `found ${show(value)}, expected ${checked.expected}`;
    const hint = checked.hint === undefined ? {} : { hint: checked.hint };
    return [{ code: "CLI_OPTION_INVALID", at: at(key), message, ...hint }];
  });
  return { values: values as Partial<OptionValues<Table>>, problems };
}

function unknownName(key: string, known: readonly string[], at: SourceRef): Problem {
  const near = suggest(key.replaceAll("-", ""), known);
  const hint = near === undefined ? `options: ${known.join(", ")}` : `did you mean ${near}?`;
  return { code: "CLI_OPTION_UNKNOWN", at, message: "there is no such option", hint };
}
