import { readFile, stat } from "node:fs/promises";
import { ModelFileError, type Problem } from "../../runtime/errors.js";
import { loadedStandardInput } from "./standard-input.js";

function missing(file: string, found: string): ModelFileError {
  const problem: Problem = {
    code: "MODEL_FILE_MISSING",
    message: `the model file cannot be read: ${found}`,
    at: { file },
    hint: "give the path of an existing file",
  };
  return new ModelFileError(problem);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "a part of its path is not a directory",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ELOOP: "too many symbolic links",
  ENAMETOOLONG: "the name is too long",
  ERR_INVALID_ARG_VALUE: "the name holds a null byte",
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
  return reasons[code] ?? code;
}

/** True if `file` can be opened as a regular file. */
export async function isReadableFile(file: string): Promise<boolean> {
  return stat(file).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

/** The size of a regular file in bytes. Throws {@link ModelFileError} `MODEL_FILE_MISSING` for anything else. */
export async function fileSize(file: string): Promise<number> {
  const loaded = loadedStandardInput(file);
  if (loaded !== undefined) return loaded.length;
  const entry = await stat(file).catch((error: unknown) => {
    throw missing(file, reasonOf(error));
  });
  if (entry.isDirectory()) throw missing(file, "it is a directory");
  if (!entry.isFile()) throw missing(file, "it is not a regular file");
  return entry.size;
}

/**
 * Reads a whole model file. The size is checked before anything is read, so a huge file costs nothing.
 * Throws {@link ModelFileError} `MODEL_FILE_MISSING` or `MODEL_FILE_TOO_LARGE`.
 */
export async function readBytes(file: string, limit: number): Promise<Uint8Array> {
  const size = await fileSize(file);
  if (size > limit) {
    throw new ModelFileError({
      code: "MODEL_FILE_TOO_LARGE",
      message: `the file has ${size} bytes; a model description of this kind has at most ${limit}`,
      at: { file },
      hint: "trained weights are another file than the network's description",
    });
  }
  const loaded = loadedStandardInput(file);
  if (loaded !== undefined) return loaded;
  return readFile(file).catch((error: unknown) => {
    throw missing(file, reasonOf(error));
  });
}
