import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isBaseError } from "../../runtime/errors.js";
import { readSafetensors, writeSafetensors } from "../../runtime/safetensors.js";

/** Written by the format's own Python package; see fixtures/data/record_safetensors.py. */
const recorded = readFileSync(new URL("../../fixtures/data/weights.safetensors", import.meta.url));
const tensors = {
  scale: { shape: [], data: Float32Array.of(5) },
  "fc.weight": { shape: [2, 3], data: Float32Array.of(0, 0.25, 0.5, 0.75, 1, 1.25) },
  "conv.bias": { shape: [3], data: Float32Array.of(1, -2, 3.5) },
};
const expected = {
  ...tensors,
  "conv.weight": { shape: [2, 1, 2, 2], data: readSafetensors(recorded, "f").tensors["conv.weight"]?.data },
};

/** A file of a header and data, as given. */
function fileOf(header: unknown, dataBytes: number, claimed?: bigint): Uint8Array {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claimed ?? BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
}

function problemsOf(bytes: Uint8Array): readonly string[] {
  try {
    readSafetensors(bytes, "w");
  } catch (error) {
    if (!isBaseError(error)) throw error;
    return error.problems.map(({ code, message }) => {
      expect(code).toBe("SAFETENSORS_INVALID");
      return message.replace('"w" is not a valid safetensors file: ', "");
    });
  }
  return [];
}

describe("safetensors", () => {
  it("reads what the format's own package wrote", () => {
    const { tensors: found, metadata } = readSafetensors(recorded, "weights.safetensors");
    expect(found).toEqual(expected);
    expect([...(found["conv.weight"]?.data ?? [])].map((value) => Math.round(value * 700))).toEqual([
      -700, -500, -300, -100, 100, 300, 500, 700,
    ]);
    expect(metadata).toEqual({ network: "tiny é", note: "x" });
  });

  it("writes the same bytes as the format's own package", () => {
    const { tensors: found, metadata } = readSafetensors(recorded, "weights.safetensors");
    const reversed = Object.fromEntries(Object.entries(found).reverse());
    expect(Buffer.from(writeSafetensors(reversed, metadata)).equals(recorded)).toBe(true);
  });

  it("aligns the data to 64 bytes and survives a round trip with any names and types", () => {
    for (let length = 0; length < 70; length++) {
      const bytes = writeSafetensors({
        ["n".repeat(length)]: { shape: [1], data: Int32Array.of(-7) },
        "1": { shape: [0], data: new Float32Array() },
      });
      expect(bytes.length % 64).toBe(4);
      expect([...(readSafetensors(bytes, "f").tensors["n".repeat(length)]?.data ?? [])]).toEqual([-7]);
    }
    expect(readSafetensors(writeSafetensors({}), "f")).toEqual({ tensors: {}, metadata: {} });
  });

  it("copies what it reads, also out of a shared buffer", () => {
    const bytes = Buffer.from(recorded);
    const { tensors: found } = readSafetensors(bytes, "f");
    bytes.fill(0);
    expect(found.scale).toEqual(tensors.scale);
    expect(found.scale?.data.buffer.byteLength).toBe(4);
  });

  const entry = (begin: number, end: number, extra = {}) => ({
    dtype: "F32",
    shape: [1],
    data_offsets: [begin, end],
    ...extra,
  });
  it.each([
    ["a short file", new Uint8Array(5), ["it has 5 bytes, expected at least 8"]],
    [
      "a header longer than the file",
      fileOf({}, 0, 2n ** 63n),
      ["its header claims 9223372036854775808 bytes, expected at most 2"],
    ],
    ["a header that is no JSON", fileOf("{a", 0), ["its header is not a JSON object"]],
    ["a header that is a list", fileOf([1], 0), ["its header is not a JSON object"]],
    ["overlapping tensors", fileOf({ a: entry(0, 4), b: entry(2, 6) }, 6), ['tensor "b" begins at byte 2, expected 4']],
    ["a hole", fileOf({ a: entry(0, 4), b: entry(8, 12) }, 12), ['tensor "b" begins at byte 8, expected 4']],
    ["data after the last tensor", fileOf({ a: entry(0, 4) }, 5), ["its tensors need 4 bytes of data, found 5"]],
    ["missing data", fileOf({ a: entry(0, 4) }, 0), ["its tensors need 4 bytes of data, found 0"]],
    [
      "several damaged entries",
      fileOf(
        {
          a: entry(0, 8),
          b: entry(0, 4, { dtype: "F16" }),
          c: entry(-1, 4),
          d: 1,
          e: entry(0, 4, { shape: [1.5] }),
          __metadata__: { k: 1 },
        },
        4,
      ),
      [
        'its __metadata__ "k" is number, expected a string',
        'tensor "a" has 8 bytes, expected 4 for shape [1]',
        'tensor "b" has type "F16", expected "F32" or "I32"',
        'tensor "c" has a damaged shape or data_offsets',
        'tensor "d" is not described by an object',
        'tensor "e" has a damaged shape or data_offsets',
      ],
    ],
  ])("refuses %s", (_, bytes, problems) => {
    expect(problemsOf(bytes)).toEqual(problems);
  });
});
