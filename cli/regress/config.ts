import { dirname, join, relative, resolve, sep } from "node:path";
import type { ConvertOptions } from "../../generators/targets/index.js";
import { type ConfigFile, type Raw, readConfig } from "./config-file.js";
import { pathFrom, type RegressSettings, regressDefaults } from "./settings.js";

/** The folders from the outermost to that of a file in it. */
function foldersOf(directory: string, file: string): readonly string[] {
  const inner = relative(directory, dirname(file)).split(sep);
  const names = inner.filter((name) => name !== "");
  return [directory, ...names.map((_, depth) => join(directory, ...names.slice(0, depth + 1)))];
}

/** Files are named from the folder of the config. */
function placed(raw: Raw, directory: string): Raw {
  const { data, labels } = raw;
  return {
    ...raw,
    ...(data === undefined ? {} : { data: resolve(directory, data) }),
    ...(labels === undefined ? {} : { labels: resolve(directory, labels) }),
  };
}

function merge(settings: RegressSettings, raw: Raw): RegressSettings {
  return {
    ...settings,
    ...raw,
    tolerance: { ...settings.tolerance, ...raw.tolerance },
    convert: { ...settings.convert, ...(raw.convert as Partial<ConvertOptions> | undefined) },
  };
}

/** The regress.json files under a folder, each read once. */
export class Configs {
  readonly #directory: string;
  readonly #files = new Map<string, ConfigFile | undefined>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  #read(file: string): readonly ConfigFile[] {
    return foldersOf(this.#directory, file).flatMap((folder) => {
      if (!this.#files.has(folder)) this.#files.set(folder, readConfig(folder));
      return this.#files.get(folder) ?? [];
    });
  }

  /** Whether a regress.json says that a file is no model to check. */
  excludes(file: string): boolean {
    return this.#read(file).some(({ directory, exclude }) => exclude.includes(pathFrom(directory, file)));
  }

  /**
   * How a model is checked: outer folders first, what is said for the one model after what is said for all.
   *
   * @throws ModelFileError with every problem of a file
   */
  settingsOf(file: string): RegressSettings {
    return this.#read(file)
      .flatMap(({ directory, all, models }) =>
        [all, models[pathFrom(directory, file)] ?? {}].map((raw) => placed(raw, directory)),
      )
      .reduce<RegressSettings>(merge, regressDefaults);
  }
}
