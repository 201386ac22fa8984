import { join } from "node:path";
import { decodeImage, type ImageTarget, imageReason } from "../images/decode.js";
import { type SharedStrings, stringAt } from "../images/shared-strings.js";
import { loadSharp } from "../images/sharp.js";
import { dataError } from "../problem-list.js";
import type { RowBytes } from "./row-bytes.js";

/** Pictures in files, one a row, that are decoded when they are asked for. */
export interface ImagesDescription {
  readonly kind: "images";
  /** The folder that the paths are in. */
  readonly folder: string;
  readonly paths: SharedStrings;
  readonly rows: number;
  readonly target: ImageTarget;
}

/** Pictures on their way at a time: libvips decodes them on the threads that Node keeps for such work. */
const atOnce = 4;

/** Opens pictures; throws DATA_PACKAGE_MISSING where nothing can decode them. */
export async function openImages({ folder, paths, rows, target }: ImagesDescription): Promise<RowBytes> {
  await loadSharp();
  const { channels, height, width } = target;
  return {
    rows,
    dtype: "uint8",
    shape: [channels, height, width],
    readInto: (numbers, into) =>
      decodeRows(numbers, into, async (row, part) => {
        const file = join(folder, stringAt(paths, row));
        await decodeImage(file, target, part).catch((error: unknown) => {
          const message = `the picture "${file}" of row ${row} cannot be read: ${imageReason(error)}`;
          throw dataError("DATA_FILE_DAMAGED", message, { at: { file } });
        });
      }),
    close: async () => {},
  };
}

/** Decodes rows one after another into their places, some at a time. All have ended when it returns or throws. */
export async function decodeRows(
  numbers: Int32Array,
  into: Uint8Array,
  decode: (row: number, into: Uint8Array) => Promise<void>,
): Promise<void> {
  const rowBytes = into.length / numbers.length;
  for (let start = 0; start < numbers.length; start += atOnce) {
    const group = [...numbers.subarray(start, start + atOnce)];
    const work = group.map((row, index) => {
      const at = (start + index) * rowBytes;
      return decode(row, into.subarray(at, at + rowBytes));
    });
    const failed = (await Promise.allSettled(work)).find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }
}
