/**
 * The types of numbers that data files hold. Rows keep the type of their file until a batch is made of them: an image of
 * bytes takes a byte a value, not the four of float32.
 */

/** Views of stored numbers, in the machine's byte order (little-endian). */
export type ElementArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** What stored numbers are read into. */
export type NumberArray = Float32Array | Float64Array | Int32Array;

interface ElementType {
  readonly bytes: number;
  /** NumPy's code, without the byte order. */
  readonly code: string;
  /** The elements of an aligned part of a buffer; float16 as its 16 bits. */
  view(buffer: ArrayBufferLike, offset: number, length: number): ElementArray;
  /** Whether each value is a whole number that int32 holds. */
  readonly fitsInt32?: true;
  /** Whether a value may be NaN or infinite, as it is or as float32. */
  readonly mayOverflow?: true;
}

/** Element types by NumPy's names. */
export const elementTypes = {
  bool: { bytes: 1, code: "b1", view: (...part) => new Uint8Array(...part), fitsInt32: true },
  uint8: { bytes: 1, code: "u1", view: (...part) => new Uint8Array(...part), fitsInt32: true },
  int8: { bytes: 1, code: "i1", view: (...part) => new Int8Array(...part), fitsInt32: true },
  uint16: { bytes: 2, code: "u2", view: (...part) => new Uint16Array(...part), fitsInt32: true },
  int16: { bytes: 2, code: "i2", view: (...part) => new Int16Array(...part), fitsInt32: true },
  uint32: { bytes: 4, code: "u4", view: (...part) => new Uint32Array(...part) },
  int32: { bytes: 4, code: "i4", view: (...part) => new Int32Array(...part), fitsInt32: true },
  uint64: { bytes: 8, code: "u8", view: (...part) => new BigUint64Array(...part) },
  int64: { bytes: 8, code: "i8", view: (...part) => new BigInt64Array(...part) },
  float16: { bytes: 2, code: "f2", view: (...part) => new Uint16Array(...part), mayOverflow: true },
  float32: { bytes: 4, code: "f4", view: (...part) => new Float32Array(...part), mayOverflow: true },
  float64: { bytes: 8, code: "f8", view: (...part) => new Float64Array(...part), mayOverflow: true },
} as const satisfies Record<string, ElementType>;

export type ElementName = keyof typeof elementTypes;

/** The row of the table, with what only some of the types have. */
export function elementType(name: ElementName): ElementType {
  return elementTypes[name];
}

/**
 * Reads stored numbers into numbers, each rounded as `TypedArray.set` does. 64-bit integers beyond 2⁵³ go by way of the
 * nearest float64: labels of that size mean nothing.
 *
 * @param into as long as `from`
 */
export function readNumbers(name: ElementName, from: ElementArray, into: NumberArray): void {
  if (name === "float16") readHalves(from as Uint16Array, into);
  else if (from instanceof BigInt64Array || from instanceof BigUint64Array) {
    for (let index = 0; index < from.length; index++) into[index] = Number(from[index]);
  } else into.set(from);
}

/** The numbers of all 65,536 halves: a look-up is a tenth of the work of taking a half apart. */
let halves: Float32Array | undefined;

function readHalves(from: Uint16Array, into: NumberArray): void {
  halves ??= Float32Array.from({ length: 65_536 }, (_, half) => halfToNumber(half));
  for (let index = 0; index < from.length; index++) into[index] = halves[from[index] ?? 0] ?? 0;
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

/** Turns the byte order of elements in place: file formats with big-endian numbers are read by little-endian machines. */
export function turnByteOrder(name: ElementName, bytes: Uint8Array): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const turn = { 1: () => buffer, 2: () => buffer.swap16(), 4: () => buffer.swap32(), 8: () => buffer.swap64() };
  turn[elementTypes[name].bytes]();
}
