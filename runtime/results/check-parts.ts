/** What a part of `run.json` has to be; the problems of a value, each the path of what is wrong and what was expected. */
type Check = (value: unknown, path: string) => readonly (readonly [path: string, expected: string])[];

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const kind =
  (expected: string, test: (value: unknown) => boolean): Check =>
  (value, path) =>
    test(value) ? [] : [[path, expected]];

const text = kind("a text", (value) => typeof value === "string");
const number = kind("a number", (value) => typeof value === "number");
const flag = kind("true or false", (value) => typeof value === "boolean");
const dim = kind("a length or its name", (value) => typeof value === "string" || typeof value === "number");

const listOf =
  (each: Check): Check =>
  (value, path) =>
    Array.isArray(value) ? value.flatMap((one, index) => each(one, `${path}[${index}]`)) : [[path, "a list"]];

const mapOf =
  (each: Check): Check =>
  (value, path) =>
    isObject(value)
      ? Object.entries(value).flatMap(([key, one]) => each(one, `${path}.${key}`))
      : [[path, "an object"]];

const fields =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value, path) =>
    isObject(value)
      ? Object.entries(checks).flatMap(([key, check]) => check(value[key], `${path}.${key}`))
      : [[path, "an object"]];

const optional =
  (check: Check): Check =>
  (value, path) =>
    value === undefined ? [] : check(value, path);

const preparation = fields({
  rows: listOf(dim),
  sample: listOf(dim),
  shape: listOf(dim),
  dtype: text,
  channelsLast: flag,
  resizeFrom: optional(listOf(number)),
  cropFrom: optional(listOf(number)),
  mean: listOf(number),
  scale: number,
});

/** The parts of `run.json` that lists and maps hold, by their path. */
const parts: Readonly<Record<string, Check>> = {
  sources: listOf(text),
  preparation: mapOf(preparation),
  classNames: mapOf(listOf(text)),
  "evaluation.feeds": listOf(fields({ kind: text, name: text, dtype: text, shape: listOf(dim) })),
  "evaluation.scalars": listOf(fields({ name: text, role: text, factor: number })),
  "evaluation.evaluate.inputs": listOf(fields({ role: text, input: text })),
  "evaluation.evaluate.outputs": listOf(fields({ role: text, output: text })),
  "evaluation.evaluate.classified": listOf(fields({ label: text, output: text })),
  "evaluation.infer.inputs": listOf(fields({ role: text, input: text })),
  "evaluation.infer.outputs": listOf(text),
  files: mapOf(text),
};

/** What is wrong inside the lists and objects of a `run.json` that has them: `its preparation.data is …`. */
export function partProblems(
  valueAt: (path: string) => unknown,
): readonly (readonly [path: string, expected: string])[] {
  return Object.entries(parts).flatMap(([path, check]) => check(valueAt(path), path));
}
