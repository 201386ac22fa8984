/** What a numeric option must be. */
export interface NumberRule {
  readonly min?: number;
  /** The value must be less than this. */
  readonly below?: number;
  readonly integer?: boolean;
  /** A list of such numbers rather than one. */
  readonly list?: boolean;
}

/** What an option must be: a number, one of some words, or true or false. */
export type OptionRule = NumberRule | { readonly choices: readonly string[] } | { readonly flag: true };

interface OptionCheck extends Omit<NumberCheck, "rule"> {
  readonly rule: OptionRule;
}

/** Says what is wrong with an option, found and expected; `undefined` when nothing is. */
export function checkOption({ what, name, value, rule }: OptionCheck): string | undefined {
  if ("flag" in rule) {
    return typeof value === "boolean" ? undefined : `${what}: ${name} is ${show(value)}; expected true or false`;
  }
  if (!("choices" in rule)) return checkNumber({ what, name, value, rule });
  if (typeof value === "string" && rule.choices.includes(value)) return undefined;
  const words = rule.choices.map((word) => JSON.stringify(word));
  const expected = [words.slice(0, -1).join(", "), ...words.slice(-1)].join(" or ");
  return `${what}: ${name} is ${show(value)}; expected ${expected}`;
}

interface NumberCheck {
  /** What the option belongs to: `schedule step`. */
  readonly what: string;
  readonly name: string;
  readonly value: unknown;
  readonly rule: NumberRule;
}

/** Says what is wrong with a numeric option, both values; `undefined` when nothing is. */
export function checkNumber({ what, name, value, rule }: NumberCheck): string | undefined {
  const expected = `expected ${describe(rule)}`;
  if (value === undefined) return `${what}: ${name} is missing; ${expected}`;
  const isList = rule.list === true;
  if (isList !== Array.isArray(value)) return `${what}: ${name} is ${show(value)}; ${expected}`;
  const values: readonly unknown[] = isList ? (value as readonly unknown[]) : [value];
  const wrong = values.filter((one) => !fits(one, rule));
  return wrong.length === 0 ? undefined : `${what}: ${name} is ${wrong.map(show).join(", ")}; ${expected}`;
}

/** One message for every key that is not among `known`. */
export function unknownKeys(what: string, options: object, known: readonly string[]): readonly string[] {
  return Object.keys(options)
    .filter((key) => !known.includes(key))
    .map((key) => `${what}: there is no option ${JSON.stringify(key)}; options: ${known.join(", ")}`);
}

/** Entries of a list or keys of an object that a message shows. */
const shown = 8;

/** A value as a message shows it: short, whatever its size. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  const more = (count: number) => (count > shown ? ", …" : "");
  if (Array.isArray(value)) return `[${value.slice(0, shown).map(show).join(", ")}${more(value.length)}]`;
  const keys = Object.keys(value);
  return keys.length === 0 ? "{}" : `{ ${keys.slice(0, shown).join(", ")}${more(keys.length)} }`;
}

function fits(value: unknown, rule: NumberRule): boolean {
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  if (rule.integer === true && !Number.isInteger(value)) return false;
  return value >= (rule.min ?? -Infinity) && value < (rule.below ?? Infinity);
}

function describe(rule: NumberRule): string {
  const noun = `${rule.integer === true ? "whole number" : "finite number"}`;
  const bounds = [
    ...(rule.min === undefined ? [] : [`at least ${rule.min}`]),
    ...(rule.below === undefined ? [] : [`less than ${rule.below}`]),
  ].join(" and ");
  const one = `${rule.list === true ? `a list of ${noun}s` : `a ${noun}`}`;
  return bounds === "" ? one : `${one}, ${bounds}`;
}
