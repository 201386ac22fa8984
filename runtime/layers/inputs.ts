import { internalError } from "../errors.js";
import type { InputText } from "../graph/operators/operator.js";
import { type ParsedInput, parseInput } from "../graph/operators/signature.js";
import type { ConstantData, DataType, Value } from "../graph/types.js";
import { isTensor } from "./tensors.js";
import type { LayerInput, Lowering, Tensor } from "./types.js";

/** The rows for `count` inputs, a variadic one repeated. */
export function rowsFor(texts: readonly InputText[], count: number): readonly ParsedInput[] {
  const rows = texts.map(parseInput);
  const last = rows.at(-1);
  if (last?.variadic) while (rows.length < count) rows.push(last);
  return rows;
}

const takesSeveral = ({ accepts }: ParsedInput): boolean => accepts === "number" || accepts === "any";

/**
 * The type that numbers have as an input: where it takes several, that of the first tensor among inputs that do, or
 * float32. Whole numbers are int64 where an input takes indices.
 */
export function numbersType(
  { accepts }: ParsedInput,
  rows: readonly ParsedInput[],
  inputs: readonly unknown[],
): DataType {
  if (accepts === "float") return "float32";
  if (accepts === "index") return "int64";
  if (accepts !== "number" && accepts !== "any") return accepts;
  const first = inputs.find((input, index): input is Tensor => {
    const row = rows[index];
    return isTensor(input) && row !== undefined && takesSeveral(row);
  });
  return first === undefined || (accepts === "number" && first.dtype === "bool") ? "float32" : first.dtype;
}

/** Numbers given as an input: a scalar, or a vector for a list. */
function constantFor(dtype: DataType, value: number | readonly number[]): ConstantData {
  const numbers = typeof value === "number" ? [value] : value;
  const shape = typeof value === "number" ? [] : [numbers.length];
  if (dtype === "float32") return { dtype, shape, data: Float32Array.from(numbers) };
  return { dtype, shape, data: dtype === "int32" ? Int32Array.from(numbers) : [...numbers] };
}

/** A layer's inputs as graph values, in order: numbers become constants. */
export function valuesOf(
  { g }: Pick<Lowering, "g">,
  texts: readonly InputText[],
  inputs: readonly LayerInput[],
  valueFor: (tensor: Tensor) => Value,
): readonly (Value | undefined)[] {
  const rows = rowsFor(texts, inputs.length);
  return inputs.map((input, index) => {
    if (input === undefined) return undefined;
    if (isTensor(input)) return valueFor(input);
    const row = rows[index];
    if (row === undefined) throw internalError("a layer has more inputs than its definition");
    return g.constant(constantFor(numbersType(row, rows, inputs), input));
  });
}

/** Inputs by the names in their texts. */
export function namedValues(
  texts: readonly InputText[],
  values: readonly (Value | undefined)[],
): Readonly<Record<string, Value | undefined | readonly (Value | undefined)[]>> {
  const rows = texts.map(parseInput);
  return Object.fromEntries(
    rows.map(({ name, variadic }, index) => [name, variadic ? values.slice(index) : values[index]]),
  );
}
