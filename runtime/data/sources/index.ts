import { type BinaryDescription, openBinary } from "./binary.js";
import { type Hdf5Description, openHdf5 } from "./hdf5.js";
import { type ImagesDescription, openImages } from "./images.js";
import { type LmdbDescription, openLmdb } from "./lmdb.js";
import { type MemoryDescription, openMemory } from "./memory.js";
import { sourceOf } from "./row-bytes.js";
import type { Source } from "./source.js";

interface Descriptions {
  readonly memory: MemoryDescription;
  readonly binary: BinaryDescription;
  readonly hdf5: Hdf5Description;
  readonly lmdb: LmdbDescription;
  readonly images: ImagesDescription;
}

/** How a source is opened, as plain data that goes to threads; memory is shared with them. */
export type SourceDescription = Descriptions[keyof Descriptions];

/** Every kind of source and how it is opened. */
const sources: {
  readonly [Kind in keyof Descriptions]: (description: Descriptions[Kind]) => Source | Promise<Source>;
} = {
  memory: openMemory,
  binary: async (description) => sourceOf(await openBinary(description), description.column),
  lmdb: async (description) => sourceOf(await openLmdb(description)),
  images: async (description) => sourceOf(await openImages(description)),
  hdf5: async (description) => sourceOf(await openHdf5(description)),
};

/** Whether there is such a kind of source. */
export function isSourceKind(kind: unknown): kind is keyof Descriptions {
  return typeof kind === "string" && Object.hasOwn(sources, kind);
}

/** Opens the rows that are described. Throws a RunError `DATA_*` where their file is gone or has changed. */
export function openRows<Kind extends keyof Descriptions>(description: Descriptions[Kind]): Source | Promise<Source> {
  const open: (description: Descriptions[Kind]) => Source | Promise<Source> = sources[description.kind as Kind];
  return open(description);
}
