import { basename } from "node:path";
import type { SourceRef } from "../../../runtime/errors.js";

/** Shortest decimal that rounds to the same float32. */
function shortestFloat32(value: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return value;
}

/**
 * A number as TypeScript. A float64 prints as the shortest text that reads back as itself. A value that a file stored as
 * float32 prints as the shortest text for that precision (0.10000000149011612 → `0.1`): only where the long form needs
 * 12 digits or more, so that 0.5 or 3.25 stay what they are.
 */
export function numberLiteral(value: number): string {
  if (Number.isNaN(value)) return "Number.NaN";
  if (value === Infinity) return "Number.POSITIVE_INFINITY";
  if (value === -Infinity) return "Number.NEGATIVE_INFINITY";
  if (Object.is(value, -0)) return "-0";
  if (Math.fround(value) !== value || Number.isInteger(value)) return String(value);
  const exact = String(value);
  return exact.replace(/e.*$/, "").replace(/[^0-9]/g, "").length < 12 ? exact : String(shortestFloat32(value));
}

/** Characters that would hide or reorder the text around them: controls, format characters, line separators. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function escapeCharacter(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
    .join("");
}

/** A string as TypeScript, in double quotes; nothing in it is invisible. */
export function stringLiteral(text: string): string {
  return JSON.stringify(text).replace(unprintable, escapeCharacter);
}

/** Text around a variable as a template literal: `` `res${name}_branch1` ``; the variable alone where there is no text. */
export function templateLiteral(before: string, variable: string, after: string): string {
  if (before === "" && after === "") return variable;
  const inner = (part: string) =>
    stringLiteral(part)
      .slice(1, -1)
      .replace(/\\(.)/gsu, (escaped, character) => (character === '"' ? '"' : escaped))
      .replace(/`|\$(?=\{|$)/g, "\\$&");
  return `\`${inner(before)}\${${variable}}${inner(after)}\``;
}

/** A property name, quoted where it must be. `__proto__` in braces would set the prototype, so it is computed. */
export function propertyName(name: string): string {
  if (name === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : stringLiteral(name);
}

/** Text of the user's made safe for the inside of a comment: one line, and nothing that ends the comment. */
export function commentText(text: string): string {
  return text.replace(unprintable, " ").replaceAll("*/", "* /").trim();
}

/** Text of the user's as a Markdown code span, also inside a table. */
export function markdownCode(text: string): string {
  const line = text.replace(unprintable, " ").replaceAll("|", "\\|");
  const runs = line.match(/`+/g) ?? [];
  const fence = "`".repeat(Math.max(0, ...runs.map((run) => run.length)) + 1);
  return fence.length === 1 && line !== "" ? `\`${line}\`` : `${fence} ${line} ${fence}`;
}

/** Text of the user's as Markdown that shows it as it is, on one line. */
export function markdownText(text: string): string {
  return text.replace(unprintable, " ").replace(/[\\`*<[\]|]|\b_|_\b/g, "\\$&");
}

/** 431080 → `431,080`, the same in every locale. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 parameter`, `1,560 parameters`. */
export function numberOf(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `20×24×24`. */
export function shapeText(shape: readonly (number | string)[]): string {
  return shape.join("×");
}

/** `lenet.prototxt:12`: the file without its directory, so that the text is the same on every machine. */
export function placeText(at: SourceRef | undefined): string {
  if (at?.file === undefined) return "";
  return commentText(at.line === undefined ? basename(at.file) : `${basename(at.file)}:${at.line}`);
}
