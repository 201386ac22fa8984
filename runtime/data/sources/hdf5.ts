import { sizeOf } from "../../shape.js";
import { elementTypes } from "../elements.js";
import { dataError } from "../problem-list.js";
import { type Hdf5, hdf5Reason, loadHdf5 } from "./hdf5-library.js";
import type { RowBytes } from "./row-bytes.js";
import { type ColumnType, eachRun } from "./source.js";
import { checkUnchanged, type FileState } from "./unchanged.js";

/** Rows of one dataset of an HDF5 file, read by range. */
export interface Hdf5Description extends ColumnType, FileState {
  readonly kind: "hdf5";
  /** What messages call the array: `array "x" of "digits.h5"`. */
  readonly title: string;
  /** Where the dataset is in the file. */
  readonly path: string;
  readonly rows: number;
}

/** Bytes that go through the library's memory at a time. */
const pieceBytes = 1 << 22;

/** Opens the file. A dataset in compressed chunks is decompressed a chunk at a time. */
export async function openHdf5(description: Hdf5Description): Promise<RowBytes> {
  await checkUnchanged(description);
  const { file, title, path, rows, dtype, shape } = description;
  const hdf5 = await loadHdf5();
  const handle = openFile(hdf5, file);
  const rowBytes = sizeOf(shape) * elementTypes[dtype].bytes;
  const most = Math.max(1, Math.floor(pieceBytes / rowBytes));
  return {
    rows,
    dtype,
    shape,
    async readInto(numbers, into) {
      eachRun(numbers, (first, count, at) => {
        for (let done = 0; done < count; done += most) {
          const part = { first: first + done, count: Math.min(most, count - done) };
          const target = into.subarray((at + done) * rowBytes, (at + done + part.count) * rowBytes);
          try {
            readPart(hdf5, handle.file_id, { path, shape, ...part }, target);
          } catch (error) {
            const last = part.first + part.count - 1;
            const place = part.count === 1 ? `row ${part.first}` : `rows ${part.first} to ${last}`;
            const message = `${title} cannot be read at ${place}: ${hdf5Reason(error)}`;
            throw dataError("DATA_FILE_DAMAGED", message, { at: { file } });
          }
        }
      });
    },
    close: async () => {
      handle.close();
    },
  };
}

/** Opens a file for reading; throws DATA_FILE_DAMAGED with the library's reason. */
export function openFile(hdf5: Hdf5, file: string): InstanceType<Hdf5["File"]> {
  try {
    return new hdf5.File(file, "r");
  } catch (error) {
    throw dataError("DATA_FILE_DAMAGED", `"${file}" is a damaged HDF5 file: ${hdf5Reason(error)}`);
  }
}

interface Part {
  readonly path: string;
  readonly shape: readonly number[];
  readonly first: number;
  readonly count: number;
}

/** Not `Dataset.slice`, which copies twice, has no float16, and does not look at the library's status. */
function readPart({ module }: Hdf5, handle: bigint, { path, shape, first, count }: Part, into: Uint8Array): void {
  const counts = [count, ...shape].map(BigInt);
  const offsets = [BigInt(first), ...shape.map(() => 0n)];
  const memory = module._malloc(into.length);
  if (memory === 0) throw new Error(`the library has no room for ${into.length} bytes`);
  try {
    const status = module.get_dataset_data(
      handle,
      path,
      counts,
      offsets,
      counts.map(() => 1n),
      BigInt(memory),
    );
    if (status < 0) throw new Error(`the library's status is ${status}`);
    into.set(module.HEAPU8.subarray(memory, memory + into.length));
  } finally {
    module._free(memory);
  }
}
