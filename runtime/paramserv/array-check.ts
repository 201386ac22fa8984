import { isSourceKind } from "../data/sources/index.js";
import type { Problem } from "../errors.js";
import { isRecord } from "../json.js";
import { show } from "../optimizers/checks.js";
import { sizeOf } from "../shape.js";
import { expected, invalid } from "./option-problems.js";

type ArrayType = typeof Float32Array | typeof Int32Array;

/** One array, or columns by name. Labels may have no columns: not every network takes some. */
export function dataProblems(value: unknown, name: string): readonly Problem[] {
  const types = [Float32Array, Int32Array];
  const columns = isRecord(value) && !Array.isArray(value.shape) ? Object.entries(value) : [];
  if (columns.length > 0 && columns.every(([, column]) => isRecord(column) && !ArrayBuffer.isView(column))) {
    return columns.flatMap(([column, array]) => arrayProblems(array, `${name}.${column}`, types));
  }
  const isEmpty = isRecord(value) && Object.keys(value).length === 0 && name.endsWith("labels");
  return isEmpty ? [] : arrayProblems(value, name, types, ", or such arrays by name");
}

/** An array with at least one row and a shape that its data fill. */
export function arrayProblems(value: unknown, name: string, types: readonly ArrayType[], or = ""): readonly Problem[] {
  if (isStoredColumn(value)) return wholeShape(value.shape) ? [] : [shapeProblem(name, value.shape)];
  const what = `{ shape, data } with data of type ${types.map((type) => type.name).join(" or ")}${or}`;
  const isArray = isRecord(value) && types.some((type) => value.data instanceof type) && Array.isArray(value.shape);
  if (!isRecord(value) || !isArray) return expected(name, value, what, false);
  const shape: readonly unknown[] = value.shape as readonly unknown[];
  const { length } = value.data as Float32Array;
  if (!wholeShape(shape)) return [shapeProblem(name, shape)];
  const count = sizeOf(shape as readonly number[]);
  if (count === length) return [];
  return [invalid(`${name} have shape ${show(shape)}, which is ${count} values; their data hold ${length}`)];
}

/** What the functions of the data make; nobody writes one by hand. */
function isStoredColumn(value: unknown): value is { readonly shape: readonly unknown[] } {
  return isRecord(value) && isRecord(value.source) && isSourceKind(value.source.kind) && Array.isArray(value.shape);
}

function wholeShape(shape: readonly unknown[]): boolean {
  return shape.length > 0 && shape.every((dim) => typeof dim === "number" && Number.isSafeInteger(dim) && dim > 0);
}

function shapeProblem(name: string, shape: readonly unknown[]): Problem {
  return invalid(`${name} have shape ${show(shape)}; expected whole numbers of at least 1, rows first`);
}
