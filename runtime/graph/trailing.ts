/** A list without the places at its end that are left out. */
export function withoutTrailing<T>(list: readonly (T | undefined)[]): readonly (T | undefined)[] {
  return list.slice(0, list.findLastIndex((item) => item !== undefined) + 1);
}
