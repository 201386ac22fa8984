import { resolve } from "node:path";
import { checkImages } from "../images/check-images.js";
import type { ImageTarget } from "../images/decode.js";
import { shareStrings } from "../images/shared-strings.js";
import { memoryColumn } from "../memory-column.js";
import { ProblemList } from "../problem-list.js";
import type { DataSource } from "../source.js";
import { type ImagesDescription, openImages } from "../sources/images.js";
import type { RawColumn } from "../stored-column.js";
import { column, type DataRequest, type RawData } from "./format.js";
import { keepRows } from "./keep-rows.js";

/** Pictures in files, with a number for each, as a folder or a list names them. */
export interface Pictures {
  readonly folder: string;
  readonly paths: readonly string[];
  readonly order: ImageTarget["order"];
  readonly labels: Float64Array | undefined;
  readonly classNames?: readonly string[];
  readonly notes: readonly string[];
}

/** What is wanted of pictures: the column of pixels, which stays in their files, and that of their numbers. */
export async function readPictures(source: DataSource, request: DataRequest, pictures: Pictures): Promise<RawData> {
  const { file, context } = source;
  const { folder, paths, order, labels, classNames } = pictures;
  const title = `"${file}"`;
  const numbers = labels && labelColumn(labels, title, file);
  const named = classNames === undefined || request.want === "features" ? {} : { classNames };
  const labelled = request.want === "features" || !numbers ? {} : { labels: column(request.labels, numbers) };
  if (request.want === "labels") return { ...labelled, ...named, notes: pictures.notes };
  const problems = new ProblemList();
  const wish = request.features[0]?.image ?? {};
  const { target, notes } = await checkImages({ folder, paths, title, wish, order }, problems, context);
  problems.throwIfAny();
  const description: ImagesDescription = {
    kind: "images",
    ...{ folder: resolve(folder), paths: shareStrings(paths), rows: paths.length, target },
  };
  // Decoded rows are many times as large as the files: they are held only where that is asked for.
  const storage = context.storage === "memory" ? "memory" : "file";
  const open = () => openImages(description);
  const pixels = await keepRows({ title, file, source: description, open }, { ...context, storage });
  return { features: column(request.features, pixels), ...labelled, ...named, notes: [...pictures.notes, ...notes] };
}

function labelColumn(labels: Float64Array, title: string, file: string): RawColumn {
  const buffer = new SharedArrayBuffer(labels.byteLength);
  new Float64Array(buffer).set(labels);
  return memoryColumn({ title: `labels of ${title}`, file }, "float64", [labels.length], { buffer });
}
