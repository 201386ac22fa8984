import type { Value } from "../types.js";
import { broadcastShapes } from "./broadcast.js";
import type { Differentiation, Operator, Signature } from "./operator.js";

const signature = { inputs: ["a: number", "b: number"], attributes: {} } as const satisfies Signature;

// da = dy·b·aᵇ⁻¹, which is 0 where b is 0; db = dy·y·ln a, which is 0 where a ≤ 0
export const pow: Operator<typeof signature> = {
  signature,
  doc: "y = aᵇ, of the type of a; b may be of another (onnx.ai, Pow)",
  infer: ({ a, b }, n) => ({ dtype: a.dtype, shape: broadcastShapes(n, [a, b]) }),
  gradient: ({ a, b }, d) => ({ a: () => base(a, b, d), b: () => exponent(a, d) }),
};

function base(a: Value, b: Value, { g, dy, constant }: Differentiation): Value {
  const data = constant(b)?.data;
  if (data?.length === 1) return fixedPower(a, data[0] ?? 1, { g, dy });
  // Kernels multiply one type only.
  const power = b.dtype === "float32" ? b : g.op("Cast", [b], { to: "float32" });
  const slope = g.op("Mul", [power, g.op("Pow", [a, g.op("Sub", [power, g.scalar(1)])])]);
  const flat = g.op("Equal", [power, g.scalar(0)]);
  return g.op("Mul", [dy, g.op("Where", [flat, g.scalar(0), slope])]);
}

function fixedPower(a: Value, power: number, { g, dy }: Pick<Differentiation, "g" | "dy">): Value {
  if (power === 2) return g.op("Mul", [dy, g.op("Mul", [a, g.scalar(2)])]);
  if (power === 1) return dy;
  if (power === 0) return g.op("Mul", [dy, g.scalar(0)]);
  return g.op("Mul", [dy, g.op("Mul", [g.op("Pow", [a, g.scalar(power - 1)]), g.scalar(power)])]);
}

function exponent(a: Value, { g, y, dy }: Differentiation): Value {
  const positive = g.op("Greater", [a, g.scalar(0)]);
  const logarithm = g.op("Log", [g.op("Where", [positive, a, g.scalar(1)])]);
  return g.op("Mul", [dy, g.op("Mul", [y, logarithm])]);
}
