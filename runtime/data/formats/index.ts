import { csv } from "./csv.js";
import type { DataFormat } from "./format.js";
import { hdf5 } from "./hdf5.js";
import { idx } from "./idx.js";
import { imageFolder } from "./image-folder.js";
import { imageList } from "./image-list.js";
import { lmdb } from "./lmdb.js";
import { npy } from "./npy.js";
import { npz } from "./npz.js";
import { parquet } from "./parquet.js";

/** Every data format by its name, in the order in which they are tried on a file's first bytes. */
export const dataFormats: Readonly<Record<string, DataFormat>> = {
  npz,
  npy,
  hdf5,
  lmdb,
  parquet,
  idx,
  imageFolder,
  imageList,
  csv,
};
