import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { sizeOf } from "../../shape.js";
import { type ImageSize, type ImageTarget, imageReason, imageSize } from "../images/decode.js";
import { memoryColumn } from "../memory-column.js";
import { dataError, ProblemList } from "../problem-list.js";
import type { DataSource } from "../source.js";
import { type LmdbDescription, openLmdb, recordAt } from "../sources/lmdb.js";
import { type Datum, readDatum } from "./datum.js";
import { column, type DataFormat, type DataRequest, type RawData } from "./format.js";
import { keepRows } from "./keep-rows.js";
import { findValues, isLmdb, type ValuePlaces } from "./lmdb-pages.js";

/** Caffe's databases: a folder with a data.mdb of Datum records, pixels or encoded pictures with labels. */
export const lmdb: DataFormat = {
  description: "LMDB database of Caffe's records (a folder with data.mdb)",
  extensions: [".mdb"],
  recognises: isLmdb,
  read: async (source, request) => {
    const { file, size } = source;
    if (source.gzipped) throw dataError("DATA_ARRAY_UNSUPPORTED", `"${file}" is compressed, expected it as it is`);
    const handle = await open(file, "r");
    try {
      const places = await findValues(handle, file, size);
      if (places.rows === 0) throw dataError("DATA_EMPTY", `"${file}" has no rows`);
      const problems = new ProblemList();
      const found = new Rows(file, places.rows, problems);
      for (let row = 0; row < places.rows; row++) {
        if (row % 256 === 0) {
          source.context.signal?.throwIfAborted();
          source.context.onProgress?.({ file, bytes: (size / places.rows) * row, total: size });
        }
        const record = await recordAt(handle, places, row);
        await found.add(row, record);
      }
      problems.throwIfAny();
      source.context.onProgress?.({ file, bytes: size, total: size });
      return await columnsOf({ source, places, found }, request);
    } finally {
      await handle.close();
    }
  },
};

/** Looks at every record once: labels are kept, and all rows have to be of one kind and shape. */
class Rows {
  readonly labels: Float64Array;
  readonly #file: string;
  readonly #problems: ProblemList;
  first: Datum | undefined;
  /** Of the first encoded picture. */
  picture: ImageSize | undefined;

  constructor(file: string, rows: number, problems: ProblemList) {
    this.labels = new Float64Array(new SharedArrayBuffer(rows * 8));
    this.#file = file;
    this.#problems = problems;
  }

  async add(row: number, record: Uint8Array): Promise<void> {
    try {
      const datum = readDatum(record);
      this.labels[row] = datum.label;
      if (datum.encoded) this.picture ??= await imageSize(datum.data);
      const misfit = this.#misfit(datum);
      if (misfit !== undefined) this.#problem("DATA_SHAPE_MISMATCH", `row ${row} of "${this.#file}" ${misfit}`);
      this.first ??= datum;
    } catch (error) {
      const reason = imageReason(error);
      this.#problem("DATA_FILE_DAMAGED", `row ${row} of "${this.#file}" is no record of Caffe's: ${reason}`);
    }
  }

  #misfit(datum: Datum): string | undefined {
    const first = this.first ?? datum;
    if (datum.encoded !== first.encoded) return "is encoded and the first is not, or the other way, expected one kind";
    if (datum.encoded) return undefined;
    const shape = shapeOf(datum);
    if (shape.some((length) => length < 1))
      return `claims the shape [${shape.join(",")}], expected lengths of at least 1`;
    const present = datum.floats.length > 0 ? datum.floats.length : datum.data.length;
    if (present !== sizeOf(shape)) return `has ${present} values, expected ${sizeOf(shape)} for [${shape.join(",")}]`;
    const same = shape.join() === shapeOf(first).join() && datum.floats.length > 0 === first.floats.length > 0;
    return same ? undefined : `has shape [${shape.join(",")}], expected [${shapeOf(first).join(",")}] as the first row`;
  }

  #problem(code: "DATA_SHAPE_MISMATCH" | "DATA_FILE_DAMAGED", message: string): void {
    this.#problems.add(code, message, { at: { file: this.#file } });
  }
}

const shapeOf = ({ channels, height, width }: Datum): readonly number[] => [channels, height, width];

interface Found {
  readonly source: DataSource;
  readonly places: ValuePlaces;
  readonly found: Rows;
}

async function columnsOf({ source, places, found }: Found, request: DataRequest): Promise<RawData> {
  const { file, size, modified, context } = source;
  const title = `"${file}"`;
  const buffer = found.labels.buffer as SharedArrayBuffer;
  const numbers = memoryColumn({ title: `labels of ${title}`, file }, "float64", [places.rows], { buffer });
  const labels = request.want === "features" ? {} : { labels: column(request.labels, numbers) };
  const { first } = found;
  if (request.want === "labels" || first === undefined) return { ...labels, notes: [] };
  const target = found.picture && targetOf(found.picture, request);
  const shape = target === undefined ? shapeOf(first) : [target.channels, target.height, target.width];
  const description: LmdbDescription = {
    kind: "lmdb",
    ...{ file: resolve(file), size, modified, title, places, shape },
    dtype: first.floats.length > 0 ? "float32" : "uint8",
    ...(target && { target }),
  };
  // Decoded rows are many times as large as encoded ones: they are held only where that is asked for.
  const storage = target !== undefined && context.storage !== "memory" ? "file" : context.storage;
  const open = () => openLmdb(description);
  const pixels = await keepRows({ title, file, source: description, open }, { ...context, storage });
  const colors = "channels are blue, green, red, as Caffe reads them";
  const notes = target ? [`pictures of ${title} are brought to ${target.height}×${target.width}; ${colors}`] : [];
  return { features: column(request.features, pixels), ...labels, notes };
}

/** Encoded pictures come in the order of channels that Caffe's OpenCV gives them. */
function targetOf(picture: ImageSize, request: DataRequest): ImageTarget {
  const { channels = picture.channels, size = [picture.height, picture.width] } = request.features[0]?.image ?? {};
  return { channels: channels === 1 ? 1 : 3, height: size[0], width: size[1], order: "bgr" };
}
