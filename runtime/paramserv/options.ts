import { availableParallelism } from "node:os";
import { CompileError, type Problem } from "../errors.js";
import { isRecord } from "../json.js";
import { show } from "../optimizers/checks.js";
import { optimizerProblems } from "../optimizers/table.js";
import { checkValue } from "../options/check.js";
import { builtinDefaults } from "../options/defaults.js";
import { type CodeValues, inCode, type OptionRow } from "../options/row.js";
import { suggest } from "../options/suggest.js";
import { type OptionsIn, optionsIn, type RunOptions, runOptions } from "../options/table.js";
import { arrayProblems, dataProblems } from "./array-check.js";
import { earlyStoppingProblems } from "./early-stopping.js";
import { expected, invalid } from "./option-problems.js";
import { strategies } from "./protocol/strategies.js";
import type { ParamservOptions } from "./types.js";

type OptionName = keyof ParamservOptions;
type Defaulted = keyof typeof defaults | "k";

/** The options with every default filled in. */
export type CheckedOptions = Omit<ParamservOptions, Defaulted> & {
  readonly [Name in Defaulted]: NonNullable<ParamservOptions[Name]>;
};

const defaults = { ...builtinDefaults, hyperparams: {} } as const satisfies Partial<ParamservOptions>;

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
  const checked = { ...defaults, k: availableParallelism(), ...given } as CheckedOptions;
  const misfits = combinationProblems(checked);
  if (misfits.length > 0) throw new CompileError(misfits);
  return checked;
}

/** Options that are right each by itself and do not go together. */
function combinationProblems({
  utype,
  modelAvg,
  aggregation,
  numBackupWorkers,
  k,
  agg,
}: CheckedOptions): readonly Problem[] {
  const wrong = (message: string, hint: string): Problem => ({ code: "PARAMSERV_OPTION_INVALID", message, hint });
  const problems: Problem[] = [];
  if (modelAvg && !strategies[utype].joinsRounds) {
    const hint = "averages need models to average: BSP or SBP";
    problems.push(wrong(`modelAvg is true and utype is ${utype}, where each push is an update by itself`, hint));
  }
  if (modelAvg && aggregation === "sum") {
    problems.push(wrong('modelAvg is true and aggregation is "sum"', 'models are averaged: aggregation "mean"'));
  }
  if (utype === "SBP" && numBackupWorkers >= k) {
    const message = `Invalid number of backup workers (with #workers=${k}): #backup-workers=${numBackupWorkers}`;
    problems.push(wrong(message, "an update needs a push: fewer backup workers than workers"));
  }
  if (utype === "HOGWILD" && "module" in agg) {
    problems.push(
      wrong(
        "utype is HOGWILD and agg is a user function",
        "without locks only an optimizer can step the weights in pieces",
      ),
    );
  }
  return problems;
}

function nameProblems(options: Readonly<Record<string, unknown>>): readonly Problem[] {
  return Object.keys(options)
    .filter((name) => !optionNames.some((known) => known === name))
    .map((name): Problem => {
      const near = suggest(name, optionNames);
      const hint = near === undefined ? `options: ${optionNames.join(", ")}` : `did you mean ${near}?`;
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
  if (value !== undefined) return checkOf(name)(value, name);
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

/** Options that the table of the command line has, too: checked by their rows. */
const plain: Readonly<Record<PlainName, OptionRow>> = inCode(optionsIn(runOptions, "paramserv"));
type PlainName = keyof CodeValues<OptionsIn<RunOptions, "paramserv">> & OptionName;

const isPlain = (name: OptionName): name is PlainName => Object.hasOwn(plain, name);

function checkPlain(value: unknown, name: PlainName): readonly Problem[] {
  const checked = checkValue(plain[name], value);
  if ("value" in checked) return [];
  const message = `${name} is ${show(value)}; expected ${checked.expected}`;
  return [{ code: "PARAMSERV_OPTION_INVALID", message, ...(checked.hint === undefined ? {} : { hint: checked.hint }) }];
}

/** What the options that only code can give must be, one row an option. */
const checks: Readonly<Record<Exclude<OptionName, PlainName>, Check>> = {
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
  hyperparams: (value, name) => {
    const plainValues =
      isRecord(value) && Object.values(value).every((one) => ["number", "string", "boolean"].includes(typeof one));
    return expected(name, value, "an object of numbers, strings and booleans", plainValues);
  },
  val: (value) => referenceProblems("val", value, "{ module, name } of a function"),
  earlyStopping: (value) => earlyStoppingProblems(value),
  onEpoch: (value, name) => expected(name, value, "a function", typeof value === "function"),
  onStep: (value, name) => expected(name, value, "a function", typeof value === "function"),
  signal: (value, name) => expected(name, value, "an AbortSignal", value instanceof AbortSignal),
  onEvent: (value, name) => expected(name, value, "a function", typeof value === "function"),
};

const optionNames = [...Object.keys(checks), ...Object.keys(plain)] as readonly OptionName[];

function checkOf(name: OptionName): (value: unknown, name: OptionName) => readonly Problem[] {
  return isPlain(name) ? (value) => checkPlain(value, name) : checks[name];
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
