import { ModelFileError } from "../../runtime/errors.js";

/** What stands for standard input in the place of a file; a file of that name is `./-`. */
const standardInput = "-";
/** No model's description is longer; weights come as files. */
const largest = 64 * 2 ** 20;

/** It can be read once only, and is read twice: to recognise its format, then whole. */
let loaded: Uint8Array | undefined;

/** Reads standard input to its end if `file` is `-`, for {@link loadedStandardInput}. Throws `MODEL_FILE_TOO_LARGE`. */
export async function loadStandardInput(file: string): Promise<void> {
  if (file !== standardInput || loaded !== undefined) return;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    size += chunk.length;
    if (size > largest) {
      const message = `standard input has more than ${largest} bytes, expected a model's description`;
      throw new ModelFileError({ code: "MODEL_FILE_TOO_LARGE", at: { file }, message });
    }
    chunks.push(chunk);
  }
  loaded = Buffer.concat(chunks);
}

/** What was read for this file, if it is standard input. */
export function loadedStandardInput(file: string): Uint8Array | undefined {
  return file === standardInput ? loaded : undefined;
}
