import { isRecord } from "../json.js";

/**
 * JSON that gives every number back bit for bit. JSON itself writes finite numbers exactly (the shortest text that reads as
 * the same double), but has no NaN and no infinities, and loses the sign of −0: these are written as `{"$number": "NaN"}`.
 */

const key = "$number";
const texts: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

/** Plain data as text, indented. */
export function exactJson(value: unknown): string {
  const replaced = (_name: string, one: unknown): unknown => {
    if (typeof one !== "number" || (Number.isFinite(one) && !Object.is(one, -0))) return one;
    return { [key]: Object.is(one, -0) ? "-0" : String(one) };
  };
  return `${JSON.stringify(value, replaced, 2)}\n`;
}

/** What {@link exactJson} was given. */
export function readExactNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readExactNumbers);
  if (!isRecord(value)) return value;
  const { [key]: text } = value;
  if (typeof text === "string" && texts.has(text)) return texts.get(text);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, readExactNumbers(one)]));
}
