import type { Value } from "../types.js";
import type { AttributeRow, Differentiation, Operator, Signature } from "./operator.js";

type AttributeTable = Readonly<Record<string, AttributeRow>>;

/** The signature of a float function of one float, element by element. */
export interface Elementwise<A extends AttributeTable> {
  readonly inputs: readonly ["x: float"];
  readonly attributes: A;
}

const none = {} as const satisfies AttributeTable;

/** Signatures without attributes. */
export const ofFloat = { inputs: ["x: float"], attributes: none } as const satisfies Signature;
export const ofNumber = { inputs: ["x: number"], attributes: none } as const satisfies Signature;

/** A row of a float function without attributes. */
export type Unary = Operator<typeof ofFloat>;

type Slope<A extends AttributeTable> = (x: Value, d: Differentiation<Elementwise<A>>) => Value;

/** `dx` gives the gradient of the input from those of the result, x and y. */
export function unary(doc: string, dx: Slope<typeof none>): Unary {
  return elementwise(doc, none, dx);
}

export function elementwise<A extends AttributeTable>(
  doc: string,
  attributes: A,
  dx: Slope<A>,
): Operator<Elementwise<A>> {
  return {
    signature: { inputs: ["x: float"], attributes },
    doc,
    infer: ({ x }) => x,
    gradient: ({ x }, d) => ({ x: () => dx(x, d) }),
  };
}

/** A row whose result is piecewise constant. */
export function stepwise(doc: string): Unary {
  return { signature: ofFloat, doc, infer: ({ x }) => x, gradient: "stops" };
}
