import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ImportedModel } from "../../generators/imported.js";
import { importModel, isModelFile } from "../../generators/index.js";
import { ModelFileError, type Problem } from "../../runtime/errors.js";
import { problemsOf } from "./checking.js";
import { Configs } from "./config.js";
import { configName } from "./config-file.js";
import { readRecord, recordPath, storedNames } from "./record.js";
import { pathFrom, type RegressSettings } from "./settings.js";

/** A model file of the folder, read or not readable. */
export interface Candidate {
  /** The path from the folder. */
  readonly name: string;
  readonly file: string;
  readonly settings: RegressSettings;
  readonly imported?: ImportedModel;
  readonly problems?: readonly Problem[];
}

/** All files under a folder, sorted; hidden ones and installed packages are no one's models. */
function filesUnder(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith(".") && name !== "node_modules" && name !== configName)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return filesUnder(path);
      return statSync(path, { throwIfNoEntry: false })?.isFile() ? [path] : [];
    });
}

async function readCandidate(directory: string, file: string, configs: Configs): Promise<Candidate> {
  const settings = configs.settingsOf(file);
  const candidate = { name: pathFrom(directory, file), file, settings };
  const { inputShape } = settings;
  try {
    return { ...candidate, imported: await importModel(file, inputShape === undefined ? {} : { inputShape }) };
  } catch (error) {
    return { ...candidate, problems: problemsOf(error) };
  }
}

/** The other files of a model; of one that cannot be read any more those that its record names. */
function namedBy({ name, file, imported }: Candidate, directory: string): readonly string[] {
  const record = readRecord(directory, name);
  const stored = typeof record === "object" ? record.files.map((path) => join(directory, path)) : [];
  return (imported?.files ?? stored).map((each) => resolve(each)).filter((each) => each !== resolve(file));
}

function folderProblem(directory: string, message: string, hint?: string): ModelFileError {
  const problem: Problem = { code: "REGRESS_FOLDER_INVALID", at: { file: directory }, message };
  return new ModelFileError(hint === undefined ? problem : { ...problem, hint });
}

/** What was found in a folder. */
export interface FoundModels {
  readonly models: readonly Candidate[];
  /** Names of stored records whose model is not there any more. */
  readonly gone: readonly string[];
}

/**
 * The models of a folder and all below it: files that an importer recognises by what is in them, or of which there is a
 * record. What another model names is a part of that one. `only`: those whose path holds this text.
 *
 * @throws ModelFileError if there is no such folder, no model in it, or a regress.json is wrong
 */
export async function findModels(directory: string, only: string | undefined): Promise<FoundModels> {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw folderProblem(
      directory,
      `found ${existsSync(directory) ? "a file" : "nothing"}, expected a folder of models`,
    );
  }
  const configs = new Configs(directory);
  const candidates: Candidate[] = [];
  for (const file of filesUnder(directory)) {
    const known = existsSync(recordPath(directory, pathFrom(directory, file)));
    if ((known || (await isModelFile(file))) && !configs.excludes(file)) {
      candidates.push(await readCandidate(directory, file, configs));
    }
  }
  const named = new Set(candidates.flatMap((candidate) => namedBy(candidate, directory)));
  const models = candidates.filter(({ file }) => !named.has(resolve(file)));
  const gone = storedNames(directory).filter((name) => models.every((model) => model.name !== name));
  return select({ models, gone }, directory, only);
}

function select(found: FoundModels, directory: string, only: string | undefined): FoundModels {
  const wanted = (name: string): boolean => only === undefined || name.includes(only);
  const models = found.models.filter(({ name }) => wanted(name));
  const gone = found.gone.filter(wanted);
  if (models.length + gone.length > 0) return { models, gone };
  if (found.models.length === 0) throw folderProblem(directory, "found no file that a format recognises");
  const names = found.models.map(({ name }) => name).join(", ");
  throw folderProblem(directory, `found no model whose path holds ${JSON.stringify(only)}`, `the models are ${names}`);
}
