import { describe, expect, test } from "vitest";
import { graphBuilder } from "../../runtime/graph/builder.js";
import type { Attributes, DataType, Graph } from "../../runtime/graph/types.js";
import { call } from "./cases/case.js";
import { named, runOnce } from "./support.js";

const dataTypes: readonly DataType[] = ["float32", "int32", "int64", "bool"];

interface Use {
  readonly op: string;
  /** How many inputs of the type. */
  readonly inputs: number;
  /** The types for which onnxruntime has kernels. */
  readonly types: readonly DataType[];
  readonly attributes?: Attributes;
}

const numbers: readonly DataType[] = ["float32", "int32", "int64"];
const float: readonly DataType[] = ["float32"];
const flag: readonly DataType[] = ["bool"];

function uses(inputs: number, types: readonly DataType[], ops: string, attributes: Attributes = {}): readonly Use[] {
  return ops.split(" ").map((op) => ({ op, inputs, types, attributes }));
}

const table: readonly Use[] = [
  ...uses(1, numbers, "Abs ArgMax Clip Max Min Neg Sign"),
  ...uses(1, numbers, "ReduceL1 ReduceL2 ReduceLogSumExp ReduceMean ReduceProd ReduceSum ReduceSumSquare"),
  ...uses(1, dataTypes, "Flatten Identity ReduceMax ReduceMin Shape Size Squeeze Transpose"),
  ...uses(1, dataTypes, "Cast", { to: "int32" }),
  ...uses(1, float, "Ceil Celu Cos Elu Erf Exp Floor Gelu HardSigmoid HardSwish IsNaN LeakyRelu Log LogSoftmax Mish"),
  ...uses(1, float, "Reciprocal Round Selu Sigmoid Sin Softmax Softplus Softsign Sqrt Sum Tanh ThresholdedRelu"),
  ...uses(1, ["float32", "int32"], "Relu"),
  ...uses(1, flag, "Not"),
  ...uses(2, numbers, "Add Div Greater GreaterOrEqual Less LessOrEqual MatMul Max Min Mul Pow Sub"),
  ...uses(2, ["int32", "int64"], "Mod"),
  ...uses(2, ["int32", "int64"], "Mod", { fmod: 0 }),
  ...uses(2, numbers, "Mod", { fmod: 1 }),
  ...uses(2, dataTypes, "Equal"),
  ...uses(2, float, "Gemm Sum"),
  ...uses(2, flag, "And Or Xor"),
];

/** The operator on matrices of ones; undefined where its row refuses the type. */
function used({ op, inputs, attributes = {} }: Use, dtype: DataType): Graph | undefined {
  const g = graphBuilder("kernel");
  const x = Array.from({ length: inputs }, (_, index) => g.input(`x${index}`, dtype, [2, 2]));
  try {
    g.output("y", call(g, op, x, attributes));
  } catch {
    return undefined;
  }
  return g.build();
}

describe("rows take the types that onnxruntime has kernels for, and no others", () => {
  test.each(table)("$op of $inputs with $attributes", async (use) => {
    const accepted = dataTypes.filter((dtype) => used(use, dtype));
    expect(accepted).toEqual(use.types);
    for (const dtype of accepted) {
      const graph = used(use, dtype);
      if (!graph) continue;
      const feeds = graph.inputs.map(({ name }) => [name, { dtype, shape: [2, 2], data: [1, 1, 1, 1] }] as const);
      const result = named(await runOnce(graph, Object.fromEntries(feeds)), "y");
      expect(result.shape).toEqual(graph.outputs[0]?.value.shape);
    }
  });

  const mixed = numbers.flatMap((base) => numbers.map((exponent) => [base, exponent] as const));
  test.each(mixed)("Pow of %s to %s", async (base, exponent) => {
    const g = graphBuilder("pow");
    const y = g.op("Pow", [g.input("a", base, [2]), g.input("b", exponent, [])]);
    expect(y.dtype).toBe(base);
    g.output("y", y);
    const feeds = { a: { dtype: base, shape: [2], data: [2, 3] }, b: { dtype: exponent, shape: [], data: [3] } };
    expect(named(await runOnce(g.build(), feeds), "y").data).toEqual([8, 27]);
  });

  test.each(numbers.flatMap((dtype) => (["int32", "int64"] as const).map((axis) => [dtype, axis] as const)))(
    "CumSum of %s along an axis of %s",
    async (dtype, axis) => {
      const g = graphBuilder("cumsum");
      g.output("y", g.op("CumSum", [g.input("x", dtype, [3]), g.scalar(0, axis)], { exclusive: 1 }));
      expect(named(await runOnce(g.build(), { x: { dtype, shape: [3], data: [1, 2, 3] } }), "y").data).toEqual([
        0, 1, 3,
      ]);
    },
  );

  test.each(numbers)("Where of %s", async (dtype) => {
    const g = graphBuilder("where");
    const [a, b] = [g.input("a", dtype, [2]), g.input("b", dtype, [])];
    g.output("y", g.op("Where", [g.op("Less", [a, b]), a, b]));
    const feeds = { a: { dtype, shape: [2], data: [1, 3] }, b: { dtype, shape: [], data: [2] } };
    expect(named(await runOnce(g.build(), feeds), "y").data).toEqual([1, 2]);
  });

  test("Where of bool is refused with what to use", () => {
    const g = graphBuilder("where");
    const x = g.input("x", "bool", [2]);
    expect(() => g.op("Where", [x, x, x])).toThrow(/no kernel for bool/);
  });
});
