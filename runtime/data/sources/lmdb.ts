import { type FileHandle, open } from "node:fs/promises";
import { sizeOf } from "../../shape.js";
import { readDatum } from "../formats/datum.js";
import type { ValuePlaces } from "../formats/lmdb-pages.js";
import { decodeImage, type ImageTarget, imageReason } from "../images/decode.js";
import { dataError } from "../problem-list.js";
import { decodeRows } from "./images.js";
import type { RowBytes } from "./row-bytes.js";
import { checkUnchanged, type FileState } from "./unchanged.js";

/** Caffe's records in an LMDB database, one a row: pixels, numbers or encoded pictures. */
export interface LmdbDescription extends FileState {
  readonly kind: "lmdb";
  readonly title: string;
  readonly places: ValuePlaces;
  readonly dtype: "uint8" | "float32";
  /** Of one row: `[channels, height, width]`. */
  readonly shape: readonly number[];
  /** What encoded pictures are brought to; absent where rows are not encoded. */
  readonly target?: ImageTarget;
}

/** Opens a database for reading by range, without a lock: it must not change meanwhile. */
export async function openLmdb(description: LmdbDescription): Promise<RowBytes> {
  await checkUnchanged(description);
  const { file, title, places, dtype, shape, target } = description;
  const handle = await open(file, "r");
  return {
    rows: places.rows,
    dtype,
    shape,
    readInto: (numbers, into) =>
      decodeRows(numbers, into, async (row, part) => {
        try {
          const { data, floats } = readDatum(await recordAt(handle, places, row));
          if (target !== undefined) await decodeImage(data, target, part);
          else if (dtype === "float32") new Float32Array(part.buffer, part.byteOffset, sizeOf(shape)).set(floats);
          else part.set(data);
        } catch (error) {
          throw dataError("DATA_FILE_DAMAGED", `${title} cannot be read at row ${row}: ${imageReason(error)}`, {
            at: { file },
          });
        }
      }),
    close: () => handle.close(),
  };
}

/** The bytes of a row's record. */
export async function recordAt(handle: FileHandle, { starts, lengths }: ValuePlaces, row: number): Promise<Uint8Array> {
  const start = new Float64Array(starts)[row] ?? 0;
  const length = new Uint32Array(lengths)[row] ?? 0;
  const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, start);
  if (bytesRead < length) throw new Error(`the file ends inside its record`);
  return buffer;
}
