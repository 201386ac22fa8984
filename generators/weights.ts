import { existsSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ModelFileError } from "../runtime/errors.js";
import { openSafetensors } from "../runtime/weights/index.js";
import { weightsFile } from "../runtime/weights/starting-model.js";
import type { WeightSource } from "./imported.js";
import { type Importers, importers, importModel } from "./index.js";

async function requireFile(path: string): Promise<void> {
  if ((await stat(path).catch(() => undefined)) !== undefined) return;
  const message = "found nothing there, expected a file of weights or the folder of a result";
  throw new ModelFileError({ code: "MODEL_FILE_MISSING", at: { file: path }, message });
}

/** A safetensors file begins with the length of its header and the header's brace. */
async function isSafetensors(file: string): Promise<boolean> {
  if (file.toLowerCase().endsWith(".safetensors")) return true;
  const handle = await open(file, "r").catch(() => undefined);
  if (handle === undefined) return false;
  try {
    const { bytesRead, buffer } = await handle.read(new Uint8Array(9), 0, 9, 0);
    return bytesRead === 9 && buffer[8] === 0x7b && new DataView(buffer.buffer).getUint32(4, true) === 0;
  } finally {
    await handle.close();
  }
}

/**
 * Opens trained weights: a safetensors file, the folder of a result, a package with one in `result`, or a model file of any format that holds weights.
 *
 * @throws ModelFileError if there is nothing, or no weights in it
 */
export async function openWeights(path: string, table: Importers = importers): Promise<WeightSource> {
  await requireFile(path);
  const file = weightsFile(path);
  if (await isSafetensors(file)) return openSafetensors(file);
  const beside = join(dirname(file), "model.safetensors");
  if (basename(file) === "model.onnx" && existsSync(beside)) {
    const message = "it is the network of a result for inference, whose names are not those of the weights";
    const hint = `the weights are beside it: ${beside}`;
    throw new ModelFileError({ code: "MODEL_WEIGHTS_INVALID", at: { file }, message, hint });
  }
  const { weights } = await importModel(file, {}, table);
  if (weights !== undefined) return weights;
  throw new ModelFileError({
    code: "MODEL_WEIGHTS_INVALID",
    at: { file },
    message: "the file holds no trained weights",
    hint: `expected a .safetensors file, the folder of a result, or a model file with weights`,
  });
}
