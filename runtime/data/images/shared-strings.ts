/** Many strings that threads share without a copy: as UTF-8, one behind the other. Plain data. */
export interface SharedStrings {
  readonly bytes: SharedArrayBuffer;
  /** Where each begins, and the last ends: float64, count + 1. */
  readonly starts: SharedArrayBuffer;
}

export function shareStrings(strings: readonly string[]): SharedStrings {
  const starts = new Float64Array(new SharedArrayBuffer((strings.length + 1) * 8));
  for (const [index, string] of strings.entries()) starts[index + 1] = (starts[index] ?? 0) + Buffer.byteLength(string);
  const bytes = new SharedArrayBuffer(starts.at(-1) ?? 0);
  const all = Buffer.from(bytes);
  for (const [index, string] of strings.entries()) all.write(string, starts[index] ?? 0);
  return { bytes, starts: starts.buffer as SharedArrayBuffer };
}

export function stringAt({ bytes, starts }: SharedStrings, index: number): string {
  const places = new Float64Array(starts, index * 8, 2);
  const [start = 0, end = 0] = places;
  return Buffer.from(bytes, start, end - start).toString();
}
