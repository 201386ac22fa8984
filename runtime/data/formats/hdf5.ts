import { resolve } from "node:path";
import type { Metadata } from "h5wasm/node";
import { sizeOf } from "../../shape.js";
import { type ElementName, elementTypes } from "../elements.js";
import { dataError } from "../problem-list.js";
import { type DataSource, deflateRatio } from "../source.js";
import { type Hdf5Description, openFile, openHdf5 } from "../sources/hdf5.js";
import { type Hdf5, hdf5Reason, loadHdf5 } from "../sources/hdf5-library.js";
import type { RawColumn } from "../stored-column.js";
import type { DataFormat } from "./format.js";
import { keepRows } from "./keep-rows.js";
import { readNamed } from "./named-arrays.js";

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
/** A user's own bytes may stand before the signature (HDF5 File Format Specification 3.0, II.A). */
const signaturePlaces = [0, 512, 1024, 2048];
/** Groups in groups that are looked into: a group may be linked into itself. */
const maxDepth = 8;
/** Arrays of one file that are looked at. */
const maxArrays = 10_000;
/** Bytes of a chunk: the library holds a whole one. */
const maxChunk = 2 ** 28;
const maxRank = 32;

/** HDF5: datasets with names, `group/dataset` in groups; contiguous or in chunks, plain or compressed by deflate. */
export const hdf5: DataFormat = {
  description: "HDF5 (.h5, .hdf5) with datasets x and y, or one for each input and label",
  extensions: [".h5", ".hdf5", ".hdf"],
  named: true,
  recognises: (head) => signaturePlaces.some((place) => signature.every((byte, index) => head[place + index] === byte)),
  read: async (source, request) => {
    const { file } = source;
    if (source.gzipped) {
      const message = `"${file}" is an HDF5 file compressed as a whole, and such files are read by range`;
      throw dataError("DATA_ARRAY_UNSUPPORTED", message, { hint: "decompress it; datasets may be compressed inside" });
    }
    const library = await loadHdf5();
    const handle = openFile(library, file);
    try {
      const names = namesIn(library, handle, file);
      const array = (name: string) => readArray(library, { handle, source, name });
      const data = await readNamed({ file, names, array }, request);
      source.context.onProgress?.({ file, bytes: source.size, total: source.size });
      return data;
    } finally {
      handle.close();
    }
  },
};

type Handle = InstanceType<Hdf5["File"]>;

/** The paths of all datasets, without the slash before them. Links to other files are not followed. */
function namesIn({ module }: Hdf5, { file_id: id }: Handle, file: string): readonly string[] {
  const names: string[] = [];
  const visit = (group: string, depth: number): void => {
    for (const name of module.get_names(id, group === "" ? "/" : group, false)) {
      const path = group === "" ? name : `${group}/${name}`;
      const type = module.get_type(id, path);
      if (type === module.H5G_GROUP && depth < maxDepth) visit(path, depth + 1);
      else if (type === module.H5G_DATASET) names.push(path);
      if (names.length > maxArrays) {
        throw dataError("DATA_ARRAY_UNSUPPORTED", `"${file}" has more than ${maxArrays} datasets`);
      }
    }
  };
  try {
    visit("", 0);
  } catch (error) {
    if (isData(error)) throw error;
    throw dataError("DATA_FILE_DAMAGED", `"${file}" is a damaged HDF5 file: ${hdf5Reason(error)}`);
  }
  return names;
}

const isData = (error: unknown): boolean => error instanceof Error && "problems" in error;

interface Place {
  readonly handle: Handle;
  readonly source: DataSource;
  readonly name: string;
}

async function readArray({ module }: Hdf5, { handle, source, name }: Place): Promise<RawColumn> {
  const { file, size, modified, context } = source;
  const title = `array "${name}" of "${file}"`;
  const found = metadataOf(() => module.get_dataset_metadata(handle.file_id, name), title);
  const dtype = elementOf(found, title);
  const shape = shapeOf(found, title);
  checkSize({ shape, dtype, chunks: found.chunks, size }, title);
  const [rows = 0, ...row] = shape;
  if (shape.length === 0) {
    const buffer = new SharedArrayBuffer(elementTypes[dtype].bytes);
    const stored = { dtype, shape };
    const memory = { kind: "memory", rows: 1, columns: { values: { ...stored, buffer } } } as const;
    return { title, file, shape, source: memory, column: "values", stored };
  }
  const description: Hdf5Description = {
    ...{ kind: "hdf5", file: resolve(file), title, path: name, rows, dtype, shape: row, size, modified },
  };
  return keepRows({ title, file, source: description, open: () => openHdf5(description) }, context);
}

function metadataOf(read: () => Metadata, title: string): Metadata {
  try {
    return read();
  } catch (error) {
    throw dataError("DATA_FILE_DAMAGED", `${title} is damaged: ${hdf5Reason(error)}`);
  }
}

/** HDF5's classes of types by number (H5T_class_t). */
const classNames = [
  ...["whole numbers", "numbers with a point", "times", "strings", "bit fields", "opaque bytes", "compounds"],
  ...["references", "enumerations", "lists of different lengths", "arrays"],
];
const [integerClass, floatClass, enumClass] = [0, 1, 8];

/** What the library makes of the type in the file: numbers in the machine's order. */
function elementOf({ type, size, signed, enum_type: members, vlen }: Metadata, title: string): ElementName {
  const bits = size * 8;
  const name = type === integerClass ? `${signed ? "" : "u"}int${bits}` : type === floatClass ? `float${bits}` : "";
  if (!vlen && Object.hasOwn(elementTypes, name)) return name as ElementName;
  const isBool = type === enumClass && size === 1 && Object.keys(members?.members ?? {}).join() === "FALSE,TRUE";
  if (isBool) return "bool";
  const what = vlen && type !== 3 ? "lists of different lengths" : (classNames[type] ?? `type ${type}`);
  const found = name === "" ? what : `${what} of ${bits} bits`;
  throw dataError("DATA_ARRAY_UNSUPPORTED", `${title} holds ${found}, expected whole or floating-point numbers`);
}

function shapeOf({ shape, virtual_sources: others }: Metadata, title: string): readonly number[] {
  if (others !== undefined && others.length > 0) {
    const message = `${title} is put together of datasets of other files, expected one that is in the file`;
    throw dataError("DATA_ARRAY_UNSUPPORTED", message);
  }
  if (shape === null) throw dataError("DATA_EMPTY", `${title} has no values`);
  if (shape.length > maxRank) throw dataError("DATA_ARRAY_UNSUPPORTED", `${title} has ${shape.length} axes`);
  return shape.map(Number);
}

interface Claim {
  readonly shape: readonly number[];
  readonly dtype: ElementName;
  readonly chunks: readonly number[] | null;
  /** Bytes of the file. */
  readonly size: number;
}

/** Values that were never written take no room, so that a small file may claim any size. */
function checkSize({ shape, dtype, chunks, size }: Claim, title: string): void {
  const { bytes } = elementTypes[dtype];
  const claimed = sizeOf(shape) * bytes;
  const possible = chunks === null ? size : size * deflateRatio;
  if (claimed > possible) {
    const claim = `shape [${shape.join(",")}] of ${dtype} needs ${claimed} bytes`;
    throw dataError("DATA_FILE_DAMAGED", `${title} ends early: ${claim}, the file can hold at most ${possible}`);
  }
  const chunk = sizeOf(chunks ?? []) * bytes;
  if (chunk <= maxChunk) return;
  const message = `${title} has chunks of [${chunks?.join(",")}] values, expected chunks of at most ${maxChunk} bytes`;
  throw dataError("DATA_ARRAY_UNSUPPORTED", message);
}
