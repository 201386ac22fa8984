import { join } from "node:path";
import { dataError, type ProblemList } from "../problem-list.js";
import type { ReadContext } from "../source.js";
import { type ImageSize, type ImageTarget, imageReason, imageSize } from "./decode.js";
import { loadSharp } from "./sharp.js";

/** What is asked of the pictures of a column: what is absent is as they are themselves. */
export interface ImageWish {
  readonly channels?: number | undefined;
  readonly size?: readonly [height: number, width: number] | undefined;
}

/** Pictures of which each header is read before the training begins: ten seconds of work. */
const mostChecked = 50_000;
/** Of more pictures only so many, evenly spread. */
const sampleChecked = 1000;
const atOnce = 16;

export interface Checked {
  readonly target: ImageTarget;
  readonly notes: readonly string[];
}

interface Pictures {
  readonly folder: string;
  readonly paths: readonly string[];
  /** What messages call all of them. */
  readonly title: string;
  readonly wish: ImageWish;
  readonly order: ImageTarget["order"];
}

/** Reads headers, notes every broken picture, and decides what all are brought to. */
export async function checkImages(
  { folder, paths, title, wish, order }: Pictures,
  problems: ProblemList,
  { signal, onProgress }: ReadContext,
): Promise<Checked> {
  await loadSharp();
  const step = paths.length <= mostChecked ? 1 : Math.ceil(paths.length / sampleChecked);
  const rows = Array.from({ length: Math.ceil(paths.length / step) }, (_, index) => index * step);
  const sizes = new Map<number, ImageSize>();
  for (let start = 0; start < rows.length; start += atOnce) {
    signal?.throwIfAborted();
    const some = rows.slice(start, start + atOnce);
    const found = await Promise.all(
      some.map((row) => imageSize(join(folder, paths[row] ?? "")).catch((error: unknown) => imageReason(error))),
    );
    // In order of row, whichever was read first.
    for (const [index, row] of some.entries()) {
      const size = found[index];
      if (size !== undefined && typeof size !== "string") sizes.set(row, size);
      else {
        const file = join(folder, paths[row] ?? "");
        problems.add("DATA_FILE_DAMAGED", `the picture "${file}" of row ${row} cannot be read: ${size}`, {
          at: { file },
        });
      }
    }
    onProgress?.({ file: folder, bytes: Math.min(start + atOnce, rows.length), total: rows.length });
  }
  const target = targetOf({ sizes, wish, order, title }, problems);
  const own = [...sizes.values()].filter(({ height, width }) => height !== target.height || width !== target.width);
  const looked =
    step === 1 ? [] : [`of ${paths.length} pictures in ${title}, ${rows.length} were looked at beforehand`];
  const size = `${target.height}×${target.width}`;
  const stretched = `pictures of ${title} are stretched to ${size} (height×width; bilinear, antialiased)`;
  const colors = { rgb: "red, green, blue", bgr: "blue, green, red, as Caffe reads them" }[order];
  return {
    target,
    notes: [
      ...looked,
      ...(own.length === 0 ? [] : [stretched]),
      ...(target.channels === 3 ? [`channels of ${title} are ${colors}`] : []),
    ],
  };
}

interface Targeting {
  readonly sizes: ReadonlyMap<number, ImageSize>;
  readonly wish: ImageWish;
  readonly order: ImageTarget["order"];
  readonly title: string;
}

function targetOf({ sizes, wish, order, title }: Targeting, problems: ProblemList): ImageTarget {
  const found = [...sizes.entries()];
  const [first] = found;
  const channels = wish.channels ?? (found.some(([, size]) => size.channels === 3) ? 3 : 1);
  if (channels !== 1 && channels !== 3) {
    const message = `${title} holds pictures, of 1 channel or 3, and rows of ${channels} channels are expected`;
    throw dataError("DATA_SHAPE_MISMATCH", message);
  }
  if (wish.size !== undefined || first === undefined) {
    const [height, width] = wish.size ?? [1, 1];
    return { channels, height, width, order };
  }
  const [, { height, width }] = first;
  const other = found.find(([, size]) => size.height !== height || size.width !== width);
  if (other !== undefined) {
    const [row, size] = other;
    const message = `${title} holds pictures of ${height}×${width} in row ${first[0]} and ${size.height}×${size.width} in row ${row}, expected one size`;
    problems.add("DATA_SHAPE_MISMATCH", message, { hint: "--sample-shape CHANNELS,H,W brings all to one size" });
  }
  return { channels, height, width, order };
}
