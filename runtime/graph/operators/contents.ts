import { CompileError } from "../../errors.js";
import { isAtLeast, add as plus } from "../lengths.js";
import type { Contents, Dim } from "../types.js";

/** The most elements that are worth knowing: shapes, axes and indices are short. */
export const mostElements = 64;

/** The elements of an element-wise result of two inputs, each of one element or as many as the other. */
export function zipped(
  a: Contents | undefined,
  b: Contents | undefined,
  rule: (a: Dim, b: Dim) => Dim | undefined,
): Contents | undefined {
  if (!a || !b) return undefined;
  return Array.from({ length: a.length === 1 ? b.length : a.length }, (_, index) => {
    const [left, right] = [elementAt(a, index), elementAt(b, index)];
    return left === undefined || right === undefined ? undefined : known(() => rule(left, right));
  });
}

/** The element at a place, where one element stands for all. */
export function elementAt(contents: Contents, index: number): Dim | undefined {
  return contents[contents.length === 1 ? 0 : index];
}

export function mapped(x: Contents | undefined, rule: (x: Dim) => Dim | undefined): Contents | undefined {
  return x?.map((item) => (item === undefined ? undefined : known(() => rule(item))));
}

/** One element from all, where all are known. */
export function folded(x: Contents, rule: (items: readonly Dim[]) => Dim | undefined): Contents {
  const items = x.filter((item) => item !== undefined);
  return [items.length === x.length ? known(() => rule(items)) : undefined];
}

/** What leaves the numbers that lengths can be is not known: integers of programs may. */
function known(rule: () => Dim | undefined): Dim | undefined {
  try {
    return rule();
  } catch (error) {
    if (error instanceof CompileError) return undefined;
    throw error;
  }
}

/** 1 where a = b whatever the lengths are, 0 where never, else undefined. */
export function equals(a: Dim, b: Dim): 0 | 1 | undefined {
  if (a === b) return 1;
  return isLess(a, b) === 1 || isLess(b, a) === 1 ? 0 : undefined;
}

/** 1 where a < b whatever the lengths are, 0 where never, else undefined. */
export function isLess(a: Dim, b: Dim): 0 | 1 | undefined {
  if (isAtLeast(b, plus(a, 1))) return 1;
  return isAtLeast(a, b) ? 0 : undefined;
}
