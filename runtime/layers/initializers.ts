import { CompileError, internalError } from "../errors.js";
import { deepFreeze, show } from "./plain.js";

/** How a parameter starts: plain data; `kind` marks it for printers. Filled in by `layers/fill.ts`. */
export interface Initializer {
  readonly kind: "initializer";
  /** A key of the initializer table: the name of the function that made it. */
  readonly type: string;
  /** Only what differs from the defaults of the table. */
  readonly options: Readonly<Record<string, number | string>>;
}

/** Which fan the variance is scaled by (caffe.proto, FillerParameter.variance_norm). */
export type Fan = "in" | "out" | "average";

type Defaults = Readonly<Record<string, number | string>>;

interface InitializerRow {
  /** Every option with its default. */
  readonly options: Defaults;
  /** What is wrong with these (complete) options, or nothing. */
  readonly refuse?: (options: Defaults) => string | undefined;
}

const fans: readonly unknown[] = ["in", "out", "average"] satisfies readonly Fan[];

const refuseFan = ({ fan }: Defaults): string | undefined =>
  fans.includes(fan) ? undefined : `its fan is ${show(fan)}, expected "in", "out" or "average"`;

/** The initializer table. Defaults are those of caffe.proto, FillerParameter. */
export const initializers = {
  constant: { options: { value: 0 } },
  uniform: {
    options: { min: 0, max: 1 },
    refuse: ({ min, max }: Defaults) =>
      Number(min) <= Number(max) ? undefined : `its min is ${min} and its max is ${max}, expected min ≤ max`,
  },
  gaussian: {
    options: { mean: 0, std: 1 },
    refuse: ({ std }: Defaults) => (Number(std) >= 0 ? undefined : `its std is ${std}, expected a number ≥ 0`),
  },
  xavier: { options: { fan: "in" }, refuse: refuseFan },
  msra: { options: { fan: "in" }, refuse: refuseFan },
} as const satisfies Record<string, InitializerRow>;

export type InitializerType = keyof typeof initializers;

/** What is wrong with a value given as an initializer, or nothing. */
function refuseInitializer(type: string, options: Defaults): string | undefined {
  const row: InitializerRow | undefined = Object.hasOwn(initializers, type)
    ? initializers[type as InitializerType]
    : undefined;
  if (row === undefined) return `its type is ${show(type)}, expected one of ${Object.keys(initializers).join(", ")}`;
  for (const [key, value] of Object.entries(options)) {
    const usual = Object.hasOwn(row.options, key) ? row.options[key] : undefined;
    if (usual === undefined) return `its option "${key}" is unknown, expected ${Object.keys(row.options).join(", ")}`;
    if (typeof usual === "number" && !Number.isFinite(value)) {
      return `its ${key} is ${show(value)}, expected a finite number`;
    }
  }
  return row.refuse?.({ ...row.options, ...options });
}

function make(type: InitializerType, given: Readonly<Record<string, unknown>> | undefined): Initializer {
  const options: Record<string, number | string> = {};
  for (const [key, value] of Object.entries(given ?? {})) {
    if (value === undefined) continue;
    const defaults: Defaults = initializers[type].options;
    if (!Object.hasOwn(defaults, key) || defaults[key] !== value) options[key] = value as number | string;
  }
  const problem = refuseInitializer(type, options);
  if (problem !== undefined) {
    throw new CompileError({ code: "LAYER_OPTION_INVALID", message: `initializer ${type}: ${problem}` });
  }
  return deepFreeze({ kind: "initializer", type, options });
}

/** All entries equal `value`. Default 0 (caffe.proto, FillerParameter.value). */
export function constant(value = 0): Initializer {
  return make("constant", { value });
}

/** Uniform in [min, max). Defaults 0 and 1 (caffe.proto, FillerParameter). */
export function uniform(options: { readonly min?: number; readonly max?: number } = {}): Initializer {
  return make("uniform", options);
}

/** Normal with this mean and standard deviation. Defaults 0 and 1 (caffe.proto, FillerParameter). */
export function gaussian(options: { readonly mean?: number; readonly std?: number } = {}): Initializer {
  return make("gaussian", options);
}

/**
 * Uniform in ±√(3/n), n the fan (BVLC/caffe include/caffe/filler.hpp, XavierFiller). Default fan "in"; the formula of
 * Glorot and Bengio 2010, ±√(6/(in + out)), is fan "average".
 */
export function xavier(options: { readonly fan?: Fan } = {}): Initializer {
  return make("xavier", options);
}

/** Normal with standard deviation √(2/n), n the fan (BVLC/caffe include/caffe/filler.hpp, MSRAFiller). Default fan "in". */
export function msra(options: { readonly fan?: Fan } = {}): Initializer {
  return make("msra", options);
}

/** Whether a value is an initializer that the table can fill from. */
export function isInitializer(value: unknown): value is Initializer {
  if (typeof value !== "object" || value === null) return false;
  const { kind, type, options } = value as Partial<Initializer>;
  if (kind !== "initializer" || typeof type !== "string" || typeof options !== "object") return false;
  return refuseInitializer(type, options) === undefined;
}

/** An initializer as source text: `xavier()`, `constant(0.1)`, `gaussian({ std: 0.01 })`. */
export function formatInitializer({ type, options }: Initializer): string {
  if (type === "constant") return `constant(${options.value ?? 0})`;
  const entries = Object.entries(options).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return `${type}(${entries.length === 0 ? "" : `{ ${entries.join(", ")} }`})`;
}

/** The value of an option of an initializer, or its default. */
export function initializerOption({ type, options }: Initializer, key: string): number | string {
  const defaults: Defaults = initializers[type as InitializerType].options;
  const value = options[key] ?? defaults[key];
  if (value === undefined) throw internalError(`initializer ${type} has no ${key}`);
  return value;
}
