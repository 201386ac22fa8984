import type { ConstantData } from "../../../runtime/graph/types.js";
import { type Code, call, list, object, text } from "./layout.js";
import { numberLiteral, stringLiteral } from "./literals.js";

export const numbersCode = (values: Iterable<number>): Code =>
  list(Array.from(values, (value) => text(numberLiteral(value))));

/** The elements of a constant, in an array of the same type. */
function elementsCode(data: ConstantData["data"]): Code {
  if (data instanceof Float32Array) return call("Float32Array.from", [numbersCode(data)]);
  if (data instanceof Int32Array) return call("Int32Array.from", [numbersCode(data)]);
  return numbersCode(data);
}

/** A constant as plain data: `{ dtype: "float32", shape: [2], data: Float32Array.from([1, 2]) }`. */
export function dataCode({ dtype, shape, data }: ConstantData): Code {
  return object({ dtype: text(stringLiteral(dtype)), shape: numbersCode(shape), data: elementsCode(data) });
}
