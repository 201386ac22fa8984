import type { Value } from "../types.js";
import type { operators } from "./index.js";
import type { AttributeOf, Signature } from "./operator.js";

/** The operator table as a type: what the builder accepts follows from it. */
type Table = typeof operators;

/** A key of the operator table. */
export type OperatorName = keyof Table & string;

export type SignatureOf<Op extends OperatorName> = Table[Op]["signature"];

type Tuple<Texts extends readonly string[]> = Texts extends readonly [
  infer Text,
  ...infer Rest extends readonly string[],
]
  ? Text extends `...${string}`
    ? readonly Value[]
    : Text extends `${string}?: ${string}`
      ? readonly [(Value | undefined)?, ...Tuple<Rest>]
      : readonly [Value, ...Tuple<Rest>]
  : readonly [];

/** The inputs of an operator, in order. */
export type InputTuple<Op extends OperatorName> = Tuple<SignatureOf<Op>["inputs"]>;

type RequiredNames<S extends Signature> = {
  [Name in keyof S["attributes"]]: S["attributes"][Name] extends { readonly required: true } ? Name : never;
}[keyof S["attributes"]];

/** The attributes of an operator as they are written: those with a default may be left out. */
export type AttributesOf<S extends Signature> = {
  readonly [Name in keyof S["attributes"] as Name extends RequiredNames<S> ? Name : never]: AttributeOf<
    S["attributes"][Name]
  >;
} & {
  readonly [Name in keyof S["attributes"] as Name extends RequiredNames<S> ? never : Name]?:
    | AttributeOf<S["attributes"][Name]>
    | undefined;
};

/** The attributes as the last argument, which may be left out where none is required. */
export type GivenAttributes<Op extends OperatorName> = [RequiredNames<SignatureOf<Op>>] extends [never]
  ? readonly [attributes?: AttributesOf<SignatureOf<Op>>]
  : readonly [attributes: AttributesOf<SignatureOf<Op>>];
