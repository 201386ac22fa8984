import type { Dim } from "../../../runtime/graph/types.js";
import { type Cases, matrix, one } from "./case.js";

const matMuls: readonly (readonly [string, readonly Dim[], readonly Dim[]])[] = [
  ["matrices", matrix, [4, 3]],
  ["a batch and a matrix", ["N", 3, 4], [4, 2]],
  ["batches", ["N", 3, 4], ["N", 4, 2]],
  ["a broadcast batch", ["N", 1, 3, 4], [2, 4, 2]],
  ["a matrix and a batch", [3, 4], ["N", 4, 2]],
  ["rows by rows", matrix, [4, "N"]],
  ["the batch as inner length", [3, "N"], ["N", 4]],
  ["a batch of rows whose width is the batch", [2, 3, "N"], ["N", 4]],
  ["two vectors", [4], [4]],
  ["two vectors as long as the batch", ["N"], ["N"]],
  ["a vector and a matrix", [4], [4, 3]],
  ["a matrix and a vector", matrix, [4]],
  ["a vector and a batch", [4], ["N", 4, 2]],
  ["a batch and a vector", ["N", 3, 4], [4]],
  ["a vector and batches", [4], ["N", 2, 4, 3]],
];

export const productCases: Cases = {
  Gemm: [
    ...([0, 1] as const).flatMap((transA) =>
      ([0, 1] as const).map((transB) =>
        one(
          `Gemm ${transA}${transB}`,
          { a: transA ? [3, "N"] : ["N", 3], b: transB ? [4, 3] : [3, 4], c: transA ? [1, 4] : [4] },
          (g, { a, b, c }) => g.op("Gemm", [a, b, c], { transA, transB, alpha: 0.7, beta: 1.3 }),
        ),
      ),
    ),
    one("Gemm without an addend", { a: matrix, b: [4, 3] }, (g, { a, b }) => g.op("Gemm", [a, b])),
    one("Gemm with a scalar", { a: matrix, b: [4, 3], c: [] }, (g, { a, b, c }) => g.op("Gemm", [a, b, c])),
    one("Gemm with a column", { a: matrix, b: [4, 3], c: ["N", 1] }, (g, { a, b, c }) => g.op("Gemm", [a, b, c])),
    one("Gemm with a matrix", { a: matrix, b: [4, 3], c: ["N", 3] }, (g, { a, b, c }) => g.op("Gemm", [a, b, c])),
  ],
  MatMul: matMuls.map(([name, a, b]) => one(`MatMul of ${name}`, { a, b }, (g, x) => g.op("MatMul", [x.a, x.b]))),
};
