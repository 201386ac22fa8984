import { open } from "node:fs/promises";
import { extname } from "node:path";
import { ModelFileError } from "../runtime/errors.js";
import { caffeImporter } from "./caffe/index.js";
import type { ImportedModel, Importer, ImportOptions } from "./imported.js";
import { fileSize } from "./source/read-file.js";
import { loadedStandardInput, loadStandardInput } from "./source/standard-input.js";

export type Importers = Readonly<Record<string, Importer>>;

/** The format table. */
export const importers: Importers = { caffe: caffeImporter };

const headLength = 4096;

/** The first bytes of a file; none where it cannot be read, which reading it then reports. */
async function readHead(file: string): Promise<Uint8Array> {
  const loaded = loadedStandardInput(file);
  if (loaded !== undefined) return loaded.subarray(0, headLength);
  const handle = await open(file, "r").catch(() => undefined);
  if (handle === undefined) return new Uint8Array();
  try {
    const { bytesRead, buffer } = await handle.read(new Uint8Array(headLength), 0, headLength, 0);
    return buffer.subarray(0, bytesRead);
  } catch {
    return new Uint8Array();
  } finally {
    await handle.close();
  }
}

/** Whether a format of the table knows the first bytes of a file; its name does not count. False where it cannot be read. */
export async function isModelFile(file: string, table: Importers = importers): Promise<boolean> {
  const head = await readHead(file);
  return Object.values(table).some((row) => row.recognises(head));
}

/** The formats as a sentence says them: `a Caffe net or solver (.prototxt)`, with `or` before the last. */
export function describeFormats(table: Importers = importers): string {
  const all = Object.values(table).map(({ describe }) => describe);
  return all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
}

/**
 * Reads a model file of any known format. What is in the file says which; where nobody knows the content, its name does.
 *
 * @param options.inputShape the shape of one sample, for a file that does not say it: `[channels, height, width]`
 * @param table the formats to choose from
 * @param options.standardInput the file `-` is standard input; files that it names are looked for in the current directory
 * @throws ModelFileError with every problem found, in file order
 * @example const { network, training, notes } = await importModel("lenet_solver.prototxt");
 */
export async function importModel(
  file: string,
  options: ImportOptions = {},
  table: Importers = importers,
): Promise<ImportedModel> {
  if (options.standardInput === true) await loadStandardInput(file);
  // Checked before opening: a pipe would hang.
  await fileSize(file);
  const head = await readHead(file);
  const extension = extname(file).toLowerCase();
  const rows = Object.values(table);
  const importer = rows.find((row) => row.recognises(head)) ?? rows.find((row) => row.extensions.includes(extension));
  if (importer === undefined) {
    throw new ModelFileError({
      code: "MODEL_FORMAT_UNKNOWN",
      message: `the file is of no known model format, expected ${describeFormats(table)}`,
      at: { file },
    });
  }
  return importer.read(file, options);
}
