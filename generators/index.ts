import { open } from "node:fs/promises";
import { ModelFileError } from "../runtime/errors.js";
import { caffeImporter } from "./caffe/index.js";
import type { ImportedModel, Importer, ImportOptions } from "./imported.js";
import { fileSize } from "./source/read-file.js";

/** The format table. */
export const importers: readonly Importer[] = [caffeImporter];

const headLength = 4096;

/** The first bytes of a file; none where it cannot be read, which reading it then reports. */
async function readHead(file: string): Promise<Uint8Array> {
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

/**
 * Reads a model file of any known format: for Caffe a net or a solver prototxt.
 *
 * @param options.inputShape the shape of one sample, for a file that does not say it: `[channels, height, width]`
 * @throws ModelFileError with every problem found, in file order
 * @example const { network, solver, notes } = await importModel("lenet_solver.prototxt");
 */
export async function importModel(file: string, options: ImportOptions = {}): Promise<ImportedModel> {
  // Checked before opening: a pipe would hang.
  await fileSize(file);
  const head = await readHead(file);
  const importer = importers.find((candidate) => candidate.recognises(file, head));
  if (importer === undefined) {
    throw new ModelFileError({
      code: "MODEL_FORMAT_UNKNOWN",
      message: `the file is of no known model format, expected: ${importers.map(({ description }) => description).join(", ")}`,
      at: { file },
    });
  }
  return importer.read(file, options);
}
