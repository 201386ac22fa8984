import { existsSync, readFileSync } from "node:fs";
import { dirname, extname, isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Problem, UsageError } from "../runtime/errors.js";
import { camelCase } from "../runtime/options/row.js";
import { decodeValues } from "../runtime/options/values.js";
import { irregularity } from "../runtime/regular-file.js";
import { exitCodes } from "./exit.js";
import type { OptionTable, OptionValues } from "./options.js";

/** The names that are looked for in the current directory. */
export const configNames = ["paramserv.config.ts", "paramserv.config.js", "paramserv.config.json"] as const;

/** Options that a configuration file gives. */
export interface Config<Table extends OptionTable> {
  /** As the user would name it. */
  readonly file: string;
  readonly values: Partial<OptionValues<Table>>;
  /** Every name that the file gives, also with a wrong value. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
}

function invalid(file: string, problem: Omit<Problem, "code" | "at">): UsageError {
  return new UsageError({ code: "CLI_CONFIG_INVALID", at: { file }, ...problem });
}

/** The file that was named, or the one that lies in the current directory. */
function findConfig(named: unknown): string | undefined {
  if (typeof named === "string" && named !== "") return named;
  const [first, ...more] = configNames.filter((name) => existsSync(name));
  if (first === undefined || more.length === 0) return first;
  const message = `found ${more.join(" and ")} beside it, expected one configuration file`;
  throw invalid(first, { message, hint: "--config FILE says which one holds" });
}

/** The own properties of an object, whose getters may throw; anything else as it is. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value));
}

/** Runs a module and returns what it exports by default. One that ends the process, or never settles, is an error of it. */
async function importConfig(file: string): Promise<unknown> {
  const onExit = (): void => {
    process.stderr.write(
      `${invalid(file, { message: "it ended the process, expected an object of options" }).message}\n`,
    );
    process.exitCode = exitCodes.input;
  };
  process.once("exit", onExit);
  try {
    const module: unknown = await import(pathToFileURL(resolve(file)).href);
    return typeof module === "object" && module !== null && "default" in module ? plain(module.default) : undefined;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
      const message = `Node ${process.version} reads no TypeScript, expected a .js or .json file, or Node ≥ 22.18`;
      throw invalid(file, { message });
    }
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw invalid(file, { message: `it cannot be run: ${reason}` });
  } finally {
    process.off("exit", onExit);
  }
}

function parseConfig(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw invalid(file, { message: `it is no JSON: ${error instanceof Error ? error.message : String(error)}` });
  }
}

async function loadConfig(file: string): Promise<Readonly<Record<string, unknown>>> {
  if (!existsSync(file)) throw invalid(file, { message: "found nothing there, expected a configuration file" });
  const irregular = irregularity(file);
  if (irregular !== undefined) throw invalid(file, { message: `found ${irregular}, expected a configuration file` });
  const isJson = extname(file) === ".json";
  const value = isJson ? parseConfig(file) : await importConfig(file);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value));
  }
  const message = `found ${value === undefined ? "no" : "another"} value, expected an object of options`;
  throw invalid(file, isJson ? { message } : { message, hint: "export default { epochs: 10 };" });
}

/** Files are named from where the configuration lies. */
function placed(table: OptionTable, file: string, values: Readonly<Record<string, unknown>>) {
  const place = (name: string, value: unknown): unknown => {
    const { kind } = table[name] ?? {};
    const isPath = (kind === "file" || kind === "directory") && typeof value === "string";
    return isPath && !isAbsolute(value) ? join(dirname(file), value) : value;
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, place(name, value)]));
}

/**
 * Reads the configuration file that `--config` names or that lies in the current directory; undefined without one. Its
 * keys are the names of the options in code (`learningRate`).
 *
 * @throws UsageError CLI_CONFIG_INVALID; wrong keys and values are among the problems that are returned
 */
export async function readConfig<Table extends OptionTable>(
  table: Table,
  named: unknown,
): Promise<Config<Table> | undefined> {
  const file = findConfig(named);
  if (file === undefined) return undefined;
  const loaded = await loadConfig(file);
  const { config: _config, ...own } = table;
  const { values, problems } = decodeValues(own, loaded, (path) => ({ file, path }));
  const given = Object.fromEntries(
    Object.keys(own).flatMap((name) => {
      const value = loaded[camelCase(name)];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return { file, values: placed(table, file, values) as Partial<OptionValues<Table>>, given, problems };
}
