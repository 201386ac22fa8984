import { availableParallelism } from "node:os";
import { CompileError, type Problem } from "../errors.js";
import { show } from "../optimizers/checks.js";
import { optimizerProblems } from "../optimizers/table.js";
import { arrayProblems, dataProblems } from "./array-check.js";
import { expected, invalid, isRecord } from "./option-problems.js";
import { choices, laterOptions, type OptionName } from "./option-table.js";
import type { ParamservOptions } from "./types.js";

/** The options with every default filled in. */
export type CheckedOptions = Omit<ParamservOptions, keyof typeof defaults | "k"> &
  Required<Pick<ParamservOptions, keyof typeof defaults | "k">>;

/** Threads beyond this help nobody: the limit only keeps a slip from asking for millions. */
const mostThreads = 1024;

const defaults = {
  mode: "LOCAL",
  utype: "ASP",
  freq: "EPOCH",
  batchsize: 64,
  scheme: "DISJOINT_CONTIGUOUS",
  aggregation: "mean",
  reshuffle: false,
  hyperparams: {},
  seed: 0,
  engine: "onnxruntime",
} as const satisfies Partial<ParamservOptions>;

/**
 * Checks what a caller gave, also one without types, and fills in the defaults.
 *
 * @throws CompileError with every problem: unknown and missing options, wrong types and values
 */
export function checkOptions(options: unknown): CheckedOptions {
  if (!isRecord(options)) throw new CompileError(invalid(`options are ${show(options)}; expected an object`));
  const problems = [
    ...nameProblems(options),
    ...optionNames.flatMap((name) => valueProblems(name, options[name], options)),
  ];
  if (problems.length > 0) throw new CompileError(problems);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { ...defaults, k: availableParallelism(), ...given } as CheckedOptions;
}

function nameProblems(options: Readonly<Record<string, unknown>>): readonly Problem[] {
  const hint = `options: ${optionNames.join(", ")}`;
  return Object.keys(options)
    .filter((name) => !optionNames.includes(name as OptionName))
    .map((name): Problem => {
      if (laterOptions.includes(name)) {
        return { code: "PARAMSERV_OPTION_UNAVAILABLE", message: `option ${name} is not available yet`, hint };
      }
      return { code: "PARAMSERV_OPTION_UNKNOWN", message: `there is no option ${JSON.stringify(name)}`, hint };
    });
}

const required: readonly OptionName[] = ["model", "features", "labels", "upd", "agg", "epochs"];

/** Labels may be missing where there is a network: it says whether it takes some. */
function isRequired(name: OptionName, { model, upd }: Readonly<Record<string, unknown>>): boolean {
  const hasNetwork = (isRecord(model) && isNetwork(model)) || (isRecord(upd) && isGradients(upd));
  return required.includes(name) && !(name === "labels" && hasNetwork);
}

function valueProblems(name: OptionName, value: unknown, all: Readonly<Record<string, unknown>>): readonly Problem[] {
  if (value !== undefined) return checks[name](value, name);
  if (isRequired(name, all)) {
    return [
      {
        code: "PARAMSERV_OPTION_MISSING",
        message: `option ${name} is missing`,
        hint: `required: ${required.join(", ")}`,
      },
    ];
  }
  if (name !== "val_features" || all.val_labels === undefined) return [];
  return [
    {
      code: "PARAMSERV_OPTION_MISSING",
      message: "option val_labels is given without val_features; expected both or none",
    },
  ];
}

type Check = (value: unknown, name: OptionName) => readonly Problem[];

/** What each option must be, one row an option. */
const checks: Readonly<Record<OptionName, Check>> = {
  model: (value) =>
    expected("model", value, "a network or parameters by name", isRecord(value) && (isNetwork(value) || isList(value))),
  features: dataProblems,
  labels: dataProblems,
  val_features: dataProblems,
  val_labels: dataProblems,
  upd: (value) => {
    const what = "gradientsOf(network), or { module, name } of a function";
    return isRecord(value) && isGradients(value) ? [] : referenceProblems("upd", value, what);
  },
  agg: (value) => {
    if (isRecord(value) && value.kind === "optimizer" && typeof value.type === "string" && isRecord(value.options)) {
      return optimizerProblems({ ...value, kind: "optimizer", type: value.type } as Parameters<
        typeof optimizerProblems
      >[0]);
    }
    return referenceProblems("agg", value, "an optimizer such as sgd({ … }), or { module, name } of a function");
  },
  mode: choice,
  utype: choice,
  freq: choice,
  scheme: choice,
  aggregation: choice,
  epochs: (value, name) => whole(value, name, 1, Number.MAX_SAFE_INTEGER),
  batchsize: (value, name) => whole(value, name, 1, 2 ** 31 - 1),
  k: (value, name) => whole(value, name, 1, mostThreads),
  seed: (value, name) => whole(value, name, 0, Number.MAX_SAFE_INTEGER),
  reshuffle: (value, name) => expected(name, value, "true or false", typeof value === "boolean"),
  hyperparams: (value, name) => {
    const plain =
      isRecord(value) && Object.values(value).every((one) => ["number", "string", "boolean"].includes(typeof one));
    return expected(name, value, "an object of numbers, strings and booleans", plain);
  },
  engine: (value, name) => expected(name, value, "the name of an engine", typeof value === "string"),
  threads: (value, name) => whole(value, name, 1, mostThreads),
  signal: (value, name) => expected(name, value, "an AbortSignal", value instanceof AbortSignal),
  onEvent: (value, name) => expected(name, value, "a function", typeof value === "function"),
};

const optionNames = Object.keys(checks) as readonly OptionName[];

function choice(value: unknown, name: OptionName): readonly Problem[] {
  const { available = [], later = [] } = choices[name] ?? {};
  if (available.includes(String(value)) && typeof value === "string") return [];
  const list = available.map((one) => JSON.stringify(one)).join(", ");
  if (typeof value === "string" && later.includes(value)) {
    return [
      {
        code: "PARAMSERV_OPTION_UNAVAILABLE",
        message: `${name} is ${show(value)}, which is not available yet; available: ${list}`,
      },
    ];
  }
  return expected(name, value, `one of ${list}`, false);
}

function whole(value: unknown, name: string, min: number, max: number): readonly Problem[] {
  const fits = typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max;
  const range = max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `from ${min} to ${max}`;
  return expected(name, value, `a whole number, ${range}`, fits);
}

function isNetwork(value: Readonly<Record<string, unknown>>): boolean {
  return value.kind === "network" && Array.isArray(value.variables);
}

function isGradients(value: Readonly<Record<string, unknown>>): boolean {
  return value.kind === "gradients" && isRecord(value.program);
}

function isList(value: Readonly<Record<string, unknown>>): boolean {
  const entries = Object.values(value);
  return entries.length > 0 && entries.every((entry) => arrayProblems(entry, "model", [Float32Array]).length === 0);
}

function referenceProblems(name: string, value: unknown, what: string): readonly Problem[] {
  const isReference = isRecord(value) && typeof value.module === "string" && typeof value.name === "string";
  if (!isReference) return expected(name, value, what, false);
  // Workers load it: a path would be looked for beside paramserv's own files.
  const { module } = value;
  return expected(`${name}.module`, module, "a URL, such as import.meta.url", URL.canParse(String(module)));
}
