import { expectation, type Form } from "./expectation.js";
import type { NumberLimits, OptionRow } from "./row.js";
import { suggest } from "./suggest.js";

/** A value that an option takes, or what it takes instead. */
export type Checked = { readonly value: unknown } | { readonly expected: string; readonly hint?: string };

function isWithin(
  value: number,
  { min = -Infinity, max = Infinity, above = -Infinity, below = Infinity }: NumberLimits,
) {
  return value >= min && value <= max && value > above && value < below;
}

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";

function isShape(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((axis) => Number.isSafeInteger(axis) && axis > 0);
}

function isByInput(of: "text" | "shape", value: unknown): boolean {
  const fits = of === "text" ? isText : isShape;
  if (fits(value)) return true;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every(fits);
}

function fits(row: OptionRow, value: unknown): boolean {
  switch (row.kind) {
    case "integer":
      return Number.isSafeInteger(value) && isWithin(value as number, row);
    case "number":
      return Number.isFinite(value) && isWithin(value as number, row);
    case "choice":
      if (typeof value === "number") return row.orCount !== undefined && Number.isSafeInteger(value) && value >= 1;
      return typeof value === "string" && row.choices.includes(value);
    case "shape":
      return isShape(value);
    case "by-input":
      return isByInput(row.of, value);
    case "text":
    case "file":
    case "directory":
      return isText(value);
    case "flag":
      return typeof value === "boolean";
  }
}

/** Checks a value by the row of its option; a misspelt choice comes with the nearest one. */
export function checkValue(row: OptionRow, value: unknown, form: Form = "value", typed: unknown = value): Checked {
  if (fits(row, value)) return { value };
  const expected = expectation(row, form);
  const near = row.kind === "choice" && typeof typed === "string" ? suggest(typed, row.choices) : undefined;
  return { expected, ...(near === undefined ? {} : { hint: `did you mean ${near}?` }) };
}
