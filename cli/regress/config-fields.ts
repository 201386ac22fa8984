import { convertRows } from "../../generators/targets/index.js";
import type { Problem } from "../../runtime/errors.js";
import { isRecord } from "../../runtime/json.js";
import { suggest } from "../../runtime/options/suggest.js";
import { decodeValues } from "../../runtime/options/values.js";
import type { OptionTable } from "../options.js";

type Values = Readonly<Record<string, unknown>>;

/** A key of regress.json: what it takes, in words and as a test. */
interface Field {
  readonly expected: string;
  accepts(value: unknown): boolean;
}

/** Says what is wrong at a path of the file, such as `models.net.prototxt.steps`. */
export type Report = (path: string, problem: Omit<Problem, "code" | "at">) => void;

function whole(least: number, most = Number.MAX_SAFE_INTEGER): Field {
  const isOpen = most === Number.MAX_SAFE_INTEGER;
  return {
    expected: isOpen ? `a whole number ≥ ${least}` : `a whole number from ${least} to ${most}`,
    accepts: (value) => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most,
  };
}

const atLeastZero: Field = {
  expected: "a number ≥ 0",
  accepts: (value) => typeof value === "number" && Number.isFinite(value) && value >= 0,
};

const file: Field = {
  expected: "the path of a file, seen from regress.json",
  accepts: (value) => typeof value === "string" && value !== "",
};

function isShape(value: unknown): boolean {
  return (
    Array.isArray(value) && value.length > 0 && value.every((length) => Number.isSafeInteger(length) && length > 0)
  );
}

/** What may be said for all models and for one: see docs/regress.md. `convert` and `tolerance` are tables of their own. */
const fields: Readonly<Record<string, Field>> = {
  inputShape: {
    expected: "axis lengths ≥ 1 such as [1, 28, 28], or such lists by input",
    accepts: (value) => isShape(value) || (isRecord(value) && Object.values(value).every(isShape)),
  },
  data: file,
  labels: file,
  steps: whole(0),
  k: whole(1, 1024),
  batchsize: whole(1, 65_536),
  seed: whole(0),
  tolerance: { expected: "{ relative, absolute }", accepts: isRecord },
  convert: { expected: "options of convert by name", accepts: isRecord },
};

const toleranceFields: Readonly<Record<string, Field>> = { relative: atLeastZero, absolute: atLeastZero };

/** The options of `convert` that a package's text depends on. */
const convertOptions = {
  ...convertRows,
  runtime: { kind: "text", placeholder: "SPEC", describe: "where npm finds paramserv" },
} as const satisfies OptionTable;

/** Reports keys that there are not; `known` may be any names. */
export function checkKeys(found: Values, known: readonly string[], place: string, report: Report): void {
  for (const key of Object.keys(found)) {
    if (known.includes(key)) continue;
    const near = suggest(key, known);
    const hint = near === undefined ? `the keys are ${known.join(", ")}` : `did you mean ${near}?`;
    report(`${place}${key}`, { message: "there is no such key", hint });
  }
}

function checkFields(found: Values, table: Readonly<Record<string, Field>>, place: string, report: Report): void {
  for (const [key, { expected, accepts }] of Object.entries(table)) {
    const value = found[key];
    if (value === undefined || accepts(value)) continue;
    report(`${place}${key}`, { message: `found ${JSON.stringify(value)}, expected ${expected}` });
  }
}

function checkConvert(found: Values, place: string, report: Report): void {
  for (const { at, message, hint } of decodeValues(convertOptions, found, (name) => ({ path: name })).problems) {
    report(`${place}${at?.path ?? ""}`, hint === undefined ? { message } : { message, hint });
  }
}

/** Checks what is said for all models, or for one. `place` goes before each key, `also` are keys that others check. */
export function checkSettings(found: Values, place: string, also: readonly string[], report: Report): void {
  checkKeys(found, [...Object.keys(fields), ...also], place, report);
  checkFields(found, fields, place, report);
  const { tolerance, convert } = found;
  if (isRecord(tolerance)) {
    checkKeys(tolerance, Object.keys(toleranceFields), `${place}tolerance.`, report);
    checkFields(tolerance, toleranceFields, `${place}tolerance.`, report);
  }
  if (isRecord(convert)) checkConvert(convert, `${place}convert.`, report);
}
