import { stat } from "node:fs/promises";
import { dataError } from "../problem-list.js";
import { reasonOf } from "../source.js";

/** What a file was when its rows were checked. */
export interface FileState {
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  /** When it was changed last, in milliseconds. */
  readonly modified: number;
}

/** Throws DATA_FILE_MISSING or DATA_FILE_DAMAGED where a file is not as it was: rows of another file would be trained on. */
export async function checkUnchanged({ file, size, modified }: FileState): Promise<void> {
  const found = await stat(file).catch((error: unknown) => {
    throw dataError("DATA_FILE_MISSING", `data file "${file}" cannot be read: ${reasonOf(error)}`);
  });
  if (found.size === size && found.mtimeMs === modified) return;
  const bytes = found.size === size ? "" : `: ${size} bytes, then ${found.size}`;
  throw dataError("DATA_FILE_DAMAGED", `"${file}" changed after its rows were checked${bytes}`, { at: { file } });
}
