import type { NDArray } from "../array.js";
import { sizeOf } from "../shape.js";
import { type ElementName, elementTypes } from "./elements.js";
import type { RawArray } from "./raw-array.js";
import { inSharedMemory } from "./shared.js";
import type { ColumnType } from "./sources/source.js";
import type { RawColumn, StoredColumn } from "./stored-column.js";

/** The name of the column of a source that has one. */
const onlyColumn = "values";

interface Titled {
  readonly title: string;
  readonly file?: string | undefined;
}

/** Numbers in shared memory as a column; the shape has the rows first. */
export function memoryColumn(
  { title, file }: Titled,
  dtype: ElementName,
  shape: readonly number[],
  { buffer, offset = 0 }: { readonly buffer: SharedArrayBuffer; readonly offset?: number },
): RawColumn {
  const [rows = 0, ...row] = shape;
  const stored: ColumnType = { dtype, shape: row };
  const source = { kind: "memory", rows, columns: { [onlyColumn]: { ...stored, buffer, offset } } } as const;
  return { title, file, shape, source, column: onlyColumn, stored };
}

/** An array as a stored column: a batch of it has the same numbers. Copied to shared memory where it is not there. */
export function storedArray(array: NDArray, title: string): StoredColumn {
  const { data, shape } = inSharedMemory(array);
  const dtype = data instanceof Int32Array ? "int32" : "float32";
  const memory = { buffer: data.buffer as SharedArrayBuffer, offset: data.byteOffset };
  return { ...memoryColumn({ title }, dtype, shape, memory), dtype };
}

/** An array that a reader has made, in shared memory. */
export function rawColumn({ title, file, shape, values }: RawArray): RawColumn {
  const dtype = nameOf(values);
  const buffer = new SharedArrayBuffer(sizeOf(shape) * elementTypes[dtype].bytes);
  const target = elementTypes[dtype].view(buffer, 0, sizeOf(shape)) as typeof values;
  target.set(values);
  return memoryColumn({ title, file }, dtype, shape, { buffer });
}

/** The row of the element table for a typed array: `Uint8Array` → `uint8`. */
function nameOf(values: RawArray["values"]): ElementName {
  return values.constructor.name.replace("Array", "").toLowerCase() as ElementName;
}
