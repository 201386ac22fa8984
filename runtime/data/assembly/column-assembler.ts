import { internalError } from "../../errors.js";
import { sizeOf } from "../../shape.js";
import { type Augmenter, makeAugmenter } from "../augment/augmenter.js";
import { gatherRows } from "../gather.js";
import { channelsFirst } from "../layout.js";
import { imageShape } from "../preparation.js";
import type { Image, Resizer } from "../resize.js";
import { normalise } from "../scaling.js";
import type { Source } from "../sources/source.js";
import type { StoredColumn } from "../stored-column.js";
import type { NDArray } from "../types.js";

/** The arrays of batches. */
export type BatchArray = Float32Array | Int32Array;

/** Makes one column of batches. One batch at a time. */
export interface ColumnAssembler {
  /** Writes these rows one after another; done when it returns, or when the promise resolves. */
  assemble(rows: Int32Array, epoch: number, into: BatchArray): void | Promise<void>;
  close(): Promise<void>;
}

/** Floats of images that are turned or resized at a time: small enough for caches, large enough to make calls rare. */
const chunkFloats = 1 << 20;

/** A column in memory as batches need it: its rows are copied. */
export function arrayAssembler({ shape, data }: NDArray): ColumnAssembler {
  const length = sizeOf(shape.slice(1));
  return {
    assemble: (rows, _epoch, into) => gatherRows(data, length, rows, into as typeof data),
    close: async () => {},
  };
}

/** A column of stored rows. The source stays with the caller, who closes it. */
export async function storedAssembler(
  column: StoredColumn,
  source: Source,
  inEngine: (is: boolean) => void,
): Promise<ColumnAssembler> {
  const { layout, augmentation, oneHot } = column.steps ?? {};
  if (oneHot === true) return oneHotAssembler(column, source);
  const cropFrom = layout?.cropFrom;
  const isChanged = cropFrom !== undefined || augmentation !== undefined;
  if (layout?.channelsLast !== true && layout?.resizeFrom === undefined && !isChanged) {
    return plainAssembler(column, source);
  }
  const shape = imageShape(column.shape.slice(1));
  const from = layout?.resizeFrom ?? cropFrom ?? shape;
  const resizer = layout?.resizeFrom && (await openResizer(layout.resizeFrom, shape));
  return imageAssembler(column, source, {
    channelsLast: layout?.channelsLast === true,
    from,
    resizer: resizer && guarded(resizer, inEngine),
    augmenter: isChanged ? makeAugmenter(cropFrom ?? shape, shape, augmentation) : undefined,
  });
}

/** Loaded where it is needed: the operators of graphs come with it, and every worker would wait for them. */
async function openResizer(from: Image, to: Image): Promise<Resizer> {
  const resize = await import("../resize.js");
  return resize.openResizer(from, to);
}

/** A resizer that tells when it is in the engine. */
function guarded({ resize, close }: Resizer, inEngine: (is: boolean) => void): Resizer {
  return {
    async resize(images, rows) {
      inEngine(true);
      try {
        return await resize(images, rows);
      } finally {
        inEngine(false);
      }
    },
    close,
  };
}

/** The numbers of rows in the source. */
function placesIn({ taken, title }: StoredColumn, rows: Int32Array): Int32Array {
  if (taken === undefined) return rows;
  return rows.map((row) => taken[row] ?? missing(title, row));
}

function missing(title: string, row: number): never {
  throw internalError(`${title} has no row ${row}`);
}

function afterwards(reading: void | Promise<void>, work: () => void): void | Promise<void> {
  return reading === undefined ? work() : reading.then(work);
}

/** Rows that are as they are stored, but for their type and scale: read to their place. */
function plainAssembler(column: StoredColumn, source: Source): ColumnAssembler {
  const scaling = column.steps?.scaling;
  const [, first = 1] = column.shape;
  const plane = sizeOf(column.shape.slice(1)) / first;
  return {
    assemble(rows, _epoch, into) {
      const reading = source.read(placesIn(column, rows), { [column.column]: into });
      if (scaling === undefined || into instanceof Int32Array) return reading;
      return afterwards(reading, () => normalise(into, { ...scaling, plane }));
    },
    close: async () => {},
  };
}

/** Class numbers as rows with a 1 at the class. */
function oneHotAssembler(column: StoredColumn, source: Source): ColumnAssembler {
  const width = sizeOf(column.shape.slice(1));
  return {
    assemble(rows, _epoch, into) {
      const classes = new Int32Array(rows.length);
      return afterwards(source.read(placesIn(column, rows), { [column.column]: classes }), () => {
        into.fill(0);
        for (let row = 0; row < classes.length; row++) into[row * width + (classes[row] ?? 0)] = 1;
      });
    },
    close: async () => {},
  };
}

interface ImageSteps {
  readonly channelsLast: boolean;
  /** The shape of stored images, channels first. */
  readonly from: Image;
  readonly resizer: Resizer | undefined;
  readonly augmenter: Augmenter | undefined;
}

/** Images that are turned, resized or changed, some at a time. */
function imageAssembler(
  column: StoredColumn,
  source: Source,
  { channelsLast, from, resizer, augmenter }: ImageSteps,
): ColumnAssembler {
  const [stored, made] = [sizeOf(from), sizeOf(column.shape.slice(1))];
  // Values of an image before it is cut.
  const before = resizer === undefined ? stored : made;
  const chunk = Math.max(1, Math.floor(chunkFloats / Math.max(stored, made)));
  const [first = 1] = column.shape.slice(1);
  let [read, turned] = [new Float32Array(), new Float32Array()];

  async function some(rows: Int32Array, at: { epoch: number; numbers: Int32Array }, into: Float32Array): Promise<void> {
    const length = rows.length * stored;
    if (read.length < length) [read, turned] = [new Float32Array(length), new Float32Array(channelsLast ? length : 0)];
    // Private copies: the resizer takes no shared memory.
    let images = read.subarray(0, length);
    await source.read(rows, { [column.column]: images });
    if (channelsLast) {
      const target = turned.subarray(0, length);
      channelsFirst(images, target, from);
      images = target;
    }
    const sized = resizer === undefined ? images : await resizer.resize(images, rows.length);
    if (augmenter === undefined) into.set(sized);
    else {
      for (const [index, row] of at.numbers.entries()) {
        const image = sized.subarray(index * before, (index + 1) * before);
        const place = into.subarray(index * made, (index + 1) * made);
        augmenter.apply(image, place, { row, epoch: at.epoch });
      }
    }
    if (column.steps?.scaling) normalise(into, { ...column.steps.scaling, plane: made / first });
  }

  return {
    async assemble(rows, epoch, into) {
      const places = placesIn(column, rows);
      for (let start = 0; start < rows.length; start += chunk) {
        const end = Math.min(start + chunk, rows.length);
        const numbers = rows.subarray(start, end);
        const part = into.subarray(start * made, end * made) as Float32Array;
        await some(places.subarray(start, end), { epoch, numbers }, part);
      }
    },
    close: async () => resizer?.close(),
  };
}
