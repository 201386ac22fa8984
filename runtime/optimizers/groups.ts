import type { Problem } from "../errors.js";
import type { ParameterGroup } from "./types.js";

/** Whether a name fits a pattern, in which `*` stands for any characters, also none. */
export function fitsPattern(name: string, pattern: string): boolean {
  const parts = pattern.split("*");
  const [first = "", ...rest] = parts;
  if (rest.length === 0) return name === pattern;
  const last = rest.at(-1) ?? "";
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  // Each part in between at its first place leaves the most for those after it.
  let from = first.length;
  for (const part of rest.slice(0, -1)) {
    const found = name.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return from <= name.length - last.length;
}

/** The number of the first group that names a variable, from 1; 0 where none does. */
export function groupOf(name: string, groups: readonly ParameterGroup[]): number {
  return 1 + groups.findIndex(({ variables }) => variables.some((pattern) => fitsPattern(name, pattern)));
}

/** Names that a hint shows. */
const shown = 12;

/** Patterns that name no trained variable: a problem each. */
export function unmatchedProblems(
  groups: readonly ParameterGroup[],
  trained: readonly string[],
  others: readonly string[],
): readonly Problem[] {
  const list = `${trained.slice(0, shown).join(", ")}${trained.length > shown ? `, … (${trained.length})` : ""}`;
  return groups.flatMap(({ variables }, index) =>
    variables.flatMap((pattern): readonly Problem[] => {
      const fits = (name: string) => fitsPattern(name, pattern);
      if (trained.some(fits)) return [];
      const untrained = others.find(fits);
      const found = untrained === undefined ? "names no variable" : `names ${untrained}, which is not trained`;
      const message = `optimizer group ${index + 1}: ${JSON.stringify(pattern)} ${found}; expected a trained variable`;
      return [{ code: "OPTIMIZER_GROUP_UNMATCHED", message, hint: `trained variables: ${list}` }];
    }),
  );
}
