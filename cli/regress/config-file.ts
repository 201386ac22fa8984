import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { targetNames } from "../../generators/targets/index.js";
import { ModelFileError, type Problem } from "../../runtime/errors.js";
import { isRecord } from "../../runtime/json.js";
import { requireRegularFile } from "../../runtime/regular-file.js";
import { checkSettings, type Report } from "./config-fields.js";
import type { RegressSettings } from "./settings.js";

/** Settings as a file has them, checked. */
export type Raw = Partial<RegressSettings> & { readonly [key: string]: unknown };

/** A regress.json that was read, and the folder it is for. */
export interface ConfigFile {
  readonly directory: string;
  readonly all: Raw;
  /** By the path of a model from the folder. */
  readonly models: Readonly<Record<string, Raw>>;
  readonly exclude: readonly string[];
}

export const configName = "regress.json";

function parse(file: string): unknown {
  try {
    requireRegularFile(file);
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const message = `it cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`;
    throw new ModelFileError({ code: "REGRESS_CONFIG_INVALID", at: { file }, message });
  }
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function checkLists(found: Raw, place: string, report: Report): void {
  const { targets } = found;
  const known = (name: string): boolean => (targetNames as readonly string[]).includes(name);
  if (targets === undefined || (isTextList(targets) && targets.every(known))) return;
  const message = `found ${JSON.stringify(targets)}, expected a list of ${targetNames.join(", ")}`;
  report(`${place}targets`, { message });
}

/** What is said for single models, by their path from the folder. */
function checkModels(models: Readonly<Record<string, unknown>>, directory: string, report: Report): void {
  for (const [name, settings] of Object.entries(models)) {
    if (!existsSync(join(directory, name))) report(`models.${name}`, { message: "there is no such file" });
    if (isRecord(settings)) {
      checkSettings(settings, `models.${name}.`, ["targets"], report);
      checkLists(settings, `models.${name}.`, report);
    } else report(`models.${name}`, { message: "expected settings by name" });
  }
}

/**
 * The regress.json of a folder; undefined where there is none.
 *
 * @throws ModelFileError REGRESS_CONFIG_INVALID with every problem
 */
export function readConfig(directory: string): ConfigFile | undefined {
  const file = join(directory, configName);
  if (!existsSync(file)) return undefined;
  const problems: Problem[] = [];
  const report: Report = (path, problem) => {
    problems.push({ code: "REGRESS_CONFIG_INVALID", at: { file, path }, ...problem });
  };
  const found = parse(file);
  if (!isRecord(found)) {
    const message = "it holds no object, expected settings by name";
    throw new ModelFileError({ code: "REGRESS_CONFIG_INVALID", at: { file }, message });
  }
  checkSettings(found, "", ["targets", "models", "exclude"], report);
  checkLists(found, "", report);
  const { models = {}, exclude = [], ...all } = found;
  if (!isTextList(exclude)) report("exclude", { message: "expected a list of paths" });
  if (isRecord(models)) checkModels(models, directory, report);
  else report("models", { message: "expected settings by the path of a model" });
  if (problems.length > 0) throw new ModelFileError(problems);
  return { directory, all, models: models as ConfigFile["models"], exclude: exclude as readonly string[] };
}
