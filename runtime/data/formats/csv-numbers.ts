/** Powers of ten that float64 holds exactly. */
const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** Digits that float64 always holds exactly. */
const exactDigits = 15;

/**
 * The number that ASCII digits say, with or without a sign and a point, to the same bits as `Number`; undefined for all
 * else, which is left to `Number`. Up to 15 digits as a whole number and the power of ten below them are exact in float64,
 * so that their quotient is rounded once (W. Clinger, "How to read floating point numbers accurately", 1990).
 */
export function numberIn(bytes: Uint8Array, start: number, end: number): number | undefined {
  const negative = bytes[start] === 0x2d;
  let digits = 0;
  let value = 0;
  let point = -1;
  for (let at = negative ? start + 1 : start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits += 1;
    } else if (digit === -2 && point < 0) point = digits;
    else return undefined;
  }
  if (digits === 0 || digits > exactDigits) return undefined;
  const size = point < 0 ? value : value / (powersOfTen[digits - point] ?? Number.NaN);
  return negative ? -size : size;
}
