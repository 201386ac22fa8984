import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dataFormats } from "../../runtime/data/formats/index.js";
import type { DataShapes } from "../../runtime/data/shapes.js";
import { isBaseError } from "../../runtime/errors.js";
import { readSafetensors, writeSafetensors } from "../../runtime/safetensors.js";
import { idxBytes, npyBytes, npzBytes, readDataset, smallNpz, temporaryDirectory } from "./files.js";

const directory = temporaryDirectory();

const idx = idxBytes(8, [2, 2, 3], new Uint8Array(12));
/** What is asked of an archive of several columns; of the others one of features and one of labels. */
const shapes: DataShapes = {
  inputs: { image: { shape: [2], dtype: "float32" }, tokens: { shape: ["T"], dtype: "int32" } },
  labels: { digit: { shape: [], dtype: "int32", classes: 3 } },
};
const columns = npzBytes({
  image: npyBytes({ descr: "<f4", shape: [2, 2], data: new Uint8Array(16) }),
  tokens: npyBytes({ descr: "<i8", shape: [2, 3], data: new Uint8Array(48) }),
  digit: npyBytes({ shape: [2], data: Uint8Array.of(0, 2) }),
});

const seeds: Readonly<Record<string, Uint8Array>> = {
  "deflated.npz": smallNpz(6),
  "stored.npz": smallNpz(0),
  "columns.npz": columns,
  "a.npy": npyBytes({ descr: "<f4", shape: [2, 2], data: new Uint8Array(16) }),
  "a.idx": idx,
  "a.idx.gz": gzipSync(idx),
  "a.csv": Buffer.from('a,"b",label\n1,2,0\n3,4.5,1\n"5",6,0\n'),
};

/** A valid file cut off, with bytes changed, or with bytes put in. */
function mutations(file: Uint8Array): fc.Arbitrary<Uint8Array> {
  // A plain copy: a Buffer's slice would be a view.
  const valid = Uint8Array.from(file);
  const place = fc.nat({ max: valid.length - 1 });
  const changes = fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
  return fc.oneof(
    place.map((length) => valid.slice(0, length)),
    changes.map((list) => {
      const bytes = valid.slice();
      for (const [at, value] of list) bytes[at] = value;
      return bytes;
    }),
    // Eight bytes of ones or zeros: lengths and counts at their extremes.
    fc.tuple(place, fc.constantFrom(0, 0x7f, 0xff), fc.integer({ min: 1, max: 8 })).map(([at, value, count]) => {
      return valid.slice().fill(value, at, Math.min(at + count, valid.length));
    }),
    fc.tuple(place, fc.uint8Array({ maxLength: 16 })).map(([at, extra]) => {
      return Buffer.concat([valid.subarray(0, at), extra, valid.subarray(at)]);
    }),
  );
}

/** Reading ends in a dataset with as many values as its shape says, or in a BaseError. */
async function endsWell(file: string): Promise<void> {
  try {
    const options = file.endsWith("columns.npz") ? { shapes } : { labels: file };
    const { features, labels } = await readDataset(file, options);
    for (const { shape, data } of [...Object.values(features), ...Object.values(labels)]) {
      expect(data.length).toBe(shape.reduce((count, dim) => count * dim, 1));
    }
  } catch (error) {
    if (!isBaseError(error)) throw error;
    expect(error.exitStatus).toBe(2);
  }
}

describe("damaged data files", () => {
  it.each(Object.keys(seeds))("like %s end in a dataset or a BaseError, without huge allocations", async (name) => {
    const before = process.memoryUsage().arrayBuffers;
    await fc.assert(
      fc.asyncProperty(mutations(seeds[name] ?? new Uint8Array()), async (bytes) => {
        await endsWell(directory.write(name, bytes));
      }),
      { seed: 11, numRuns: 250 },
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200e6);
  });

  it("of random bytes behind each format's extension end in a BaseError", async () => {
    const extensions = Object.values(dataFormats).flatMap((format) => format.extensions);
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.constantFrom(...extensions),
        async (bytes, extension) => {
          await endsWell(directory.write(`random${extension}`, bytes));
        },
      ),
      { seed: 12, numRuns: 200 },
    );
  });

  it("of safetensors end in tensors or a BaseError", () => {
    const valid = writeSafetensors(
      { a: { shape: [2], data: Float32Array.of(1, 2) }, b: { shape: [1, 1], data: Int32Array.of(3) } },
      { k: "v" },
    );
    fc.assert(
      fc.property(fc.oneof(mutations(valid), fc.uint8Array({ maxLength: 100 })), (bytes) => {
        try {
          readSafetensors(bytes, "fuzzed");
        } catch (error) {
          if (!isBaseError(error)) throw error;
        }
      }),
      { seed: 13, numRuns: 2000 },
    );
  });
});
