import { sizeOf } from "../shape.js";
/** An array as a file holds it, before it is checked and converted. Row-major, in the machine's byte order. */
export type RawValues =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

export interface RawArray {
  /** What to call it in messages: `"digits.npz" array "x"`. */
  readonly title: string;
  readonly file: string;
  readonly shape: readonly number[];
  readonly values: RawValues;
}

interface ElementType {
  readonly bytes: number;
  /** Converts bytes that are in the machine's order and aligned. */
  read(bytes: ArrayBuffer): RawValues;
}

/** Element types by NumPy's codes. 64-bit integers become float64: labels beyond 2⁵³ mean nothing. */
export const elementTypes = {
  b1: { bytes: 1, read: (bytes) => new Uint8Array(bytes) },
  u1: { bytes: 1, read: (bytes) => new Uint8Array(bytes) },
  i1: { bytes: 1, read: (bytes) => new Int8Array(bytes) },
  u2: { bytes: 2, read: (bytes) => new Uint16Array(bytes) },
  i2: { bytes: 2, read: (bytes) => new Int16Array(bytes) },
  u4: { bytes: 4, read: (bytes) => new Uint32Array(bytes) },
  i4: { bytes: 4, read: (bytes) => new Int32Array(bytes) },
  u8: { bytes: 8, read: (bytes) => Float64Array.from(new BigUint64Array(bytes), Number) },
  i8: { bytes: 8, read: (bytes) => Float64Array.from(new BigInt64Array(bytes), Number) },
  f2: { bytes: 2, read: (bytes) => Float32Array.from(new Uint16Array(bytes), halfToNumber) },
  f4: { bytes: 4, read: (bytes) => new Float32Array(bytes) },
  f8: { bytes: 8, read: (bytes) => new Float64Array(bytes) },
} as const satisfies Record<string, ElementType>;

export type ElementCode = keyof typeof elementTypes;

/** Copies elements out of a file's bytes, turning the byte order where it is not the machine's (little-endian). */
export function readElements(code: ElementCode, bytes: Uint8Array, bigEndian: boolean): RawValues {
  const type: ElementType = elementTypes[code];
  const copy = new ArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  if (bigEndian) {
    const buffer = Buffer.from(copy);
    if (type.bytes === 2) buffer.swap16();
    else if (type.bytes === 4) buffer.swap32();
    else if (type.bytes === 8) buffer.swap64();
  }
  return type.read(copy);
}

/** IEEE 754 binary16 → number: 1 sign, 5 exponent, 10 fraction bits. */
function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Column-major (Fortran) → row-major. */
export function toRowMajor(values: RawValues, shape: readonly number[]): RawValues {
  const result = values.slice();
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = values[from] ?? 0;
    // The odometer of the row-major index: the last axis turns fastest.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const [at = 0, stride = 0, dim = 0] = [index[axis], strides[axis], shape[axis]];
      if (at + 1 < dim) {
        index[axis] = at + 1;
        from += stride;
        break;
      }
      index[axis] = 0;
      from -= at * stride;
    }
  }
  return result;
}
