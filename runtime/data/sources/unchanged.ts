import type { Stats } from "node:fs";
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
export async function checkUnchanged(state: FileState): Promise<void> {
  requireUnchanged(await stat(state.file).catch(missing(state.file)), state);
}

/** Throws for a file that cannot be opened, or looked at. */
export function missing(file: string): (error: unknown) => never {
  return (error) => {
    throw dataError("DATA_FILE_MISSING", `data file "${file}" cannot be read: ${reasonOf(error)}`);
  };
}

/** {@link checkUnchanged} of what the system says of a file. */
export function requireUnchanged(found: Pick<Stats, "size" | "mtimeMs">, { file, size, modified }: FileState): void {
  if (found.size === size && found.mtimeMs === modified) return;
  const bytes = found.size === size ? "" : `: ${size} bytes, then ${found.size}`;
  throw dataError("DATA_FILE_DAMAGED", `"${file}" changed after its rows were checked${bytes}`, { at: { file } });
}
