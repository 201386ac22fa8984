import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll } from "vitest";
import { type ArrayDataset, loadInMemory } from "../../runtime/data/in-memory.js";
import { type PreparedDataset, prepareDataset as prepare } from "../../runtime/data/prepare-dataset.js";
import { type LoadedDataset, readDataset as read } from "../../runtime/data/read-dataset.js";
import type { DataColumns, NDArray } from "../../runtime/data/types.js";
import { isBaseError } from "../../runtime/errors.js";

export const fixture = (name: string): string => new URL(`../../fixtures/data/${name}`, import.meta.url).pathname;

/** The only column of a record, an array. */
export function only(columns: DataColumns | undefined): NDArray {
  const [column, ...others] = Object.values(columns ?? {});
  if (column === undefined || others.length > 0) {
    throw new Error(`expected one column, found ${Object.keys(columns ?? {}).join(", ")}`);
  }
  if (!("data" in column)) throw new Error("expected an array, found stored rows");
  return column;
}

/** `readDataset`, its rows as arrays. */
export async function readDataset(...parameters: Parameters<typeof read>) {
  const { validation, ...loaded } = await read(...parameters);
  const arrays: ArrayDataset & Omit<LoadedDataset, "validation"> = await loadInMemory(loaded);
  return { ...arrays, ...(validation && { validation: await loadInMemory(validation) }) };
}

/** `prepareDataset`, its rows as arrays. */
export async function prepareDataset(
  ...parameters: Parameters<typeof prepare>
): Promise<ArrayDataset & PreparedDataset> {
  return loadInMemory(await prepare(...parameters));
}

/** The features and the labels of a dataset that has one column of each. */
export function pairOf({ features, labels }: ArrayDataset): { readonly features: NDArray; readonly labels: NDArray } {
  return { features: only(features), labels: only(labels) };
}

/** A dataset of one column each, under the names that a file without names gives them. */
export function datasetFrom(features: NDArray, labels: NDArray): ArrayDataset {
  return { features: { features }, labels: { labels } };
}

/** A directory for the tests of one file, removed at the end. */
export function temporaryDirectory(): { write(name: string, bytes: Uint8Array | string): string; path: string } {
  const path = mkdtempSync(join(tmpdir(), "paramserv-"));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    write(name, bytes) {
      const file = join(path, name);
      writeFileSync(file, bytes);
      return file;
    },
  };
}

export interface NpyParts {
  readonly descr?: string;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
  readonly version?: 1 | 2 | 3;
  /** The whole dictionary, instead of one made from `descr` and `shape`. */
  readonly header?: string;
}

export function npyBytes({ descr = "|u1", shape, data, version = 1, header }: NpyParts): Uint8Array {
  const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const text = `${header ?? `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`}\n`;
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(text.length);
  else length.writeUInt32LE(text.length);
  return Buffer.concat([
    Buffer.from([0x93]),
    Buffer.from("NUMPY"),
    Buffer.from([version, 0]),
    length,
    Buffer.from(text),
    data,
  ]);
}

export const bytesOf = (array: Float32Array | Float64Array | Int32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

export function npzBytes(arrays: Readonly<Record<string, Uint8Array>>, level: 0 | 6 = 6): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes])), { level });
}

/** A valid archive of two features a row. */
export function smallNpz(level: 0 | 6 = 6): Uint8Array {
  return npzBytes(
    {
      x: npyBytes({ shape: [3, 2], data: Uint8Array.of(1, 2, 3, 4, 5, 6) }),
      y: npyBytes({ shape: [3], data: Uint8Array.of(0, 1, 2) }),
    },
    level,
  );
}

export function idxBytes(type: number, shape: readonly number[], data: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = type;
  header[3] = shape.length;
  shape.forEach((dim, axis) => {
    header.writeUInt32BE(dim, 4 + 4 * axis);
  });
  return Buffer.concat([header, data]);
}

/** The problems of the BaseError that an action must end in, as `CODE message`; any other outcome fails the test. */
export async function problemsOf(action: Promise<unknown> | (() => unknown)): Promise<readonly string[]> {
  try {
    await (typeof action === "function" ? action() : action);
  } catch (error) {
    if (!isBaseError(error)) throw error;
    return error.problems.map(({ code, message }) => `${code} ${message}`);
  }
  throw new Error("expected an error, found a result");
}
