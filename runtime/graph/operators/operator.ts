import { formatShape } from "../lengths.js";
import type {
  Attribute,
  ConstantData,
  Contents,
  DataType,
  Dim,
  Graph,
  GraphBuilder,
  GraphNode,
  Value,
  ValueType,
} from "../types.js";

/**
 * The types that an input takes: `float` is float32, `number` float32, int32 or int64, `index` int32 or int64. Gradients
 * flow to `float`, `number` and `any` inputs.
 */
export type Accepts = "float" | "number" | "index" | "int32" | "int64" | "bool" | "any";

/** An input as TypeScript would write a parameter: `"x: float"`, `"bias?: float"`, and `"...xs: any"` for all that follow. */
export type InputText = `${string}: ${Accepts}`;

/** How an attribute is written in ONNX; `type` is a {@link DataType} written as the INT of its TensorProto number. */
export type AttributeKind = "int" | "float" | "ints" | "floats" | "string" | "strings" | "type" | "tensor" | "graph";

export interface AttributeRow {
  readonly kind: AttributeKind;
  /** ONNX's default. Without it the attribute is optional and may be absent. */
  readonly default?: Attribute;
  readonly required?: true;
  /** All values that are taken. */
  readonly choices?: readonly (string | number)[];
}

/** What an operator takes and gives: plain data, from which the types of its rules and of its uses follow. */
export interface Signature {
  readonly inputs: readonly InputText[];
  /** `"y"`, `"indices?"` for an output that may be left out, `"...ys"` for any number. Default `["y"]`. */
  readonly outputs?: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeRow>>;
}

/** The name in an input text. */
export type NameOf<Text> = Text extends `...${infer Name}: ${string}`
  ? Name
  : Text extends `${infer Name}?: ${string}`
    ? Name
    : Text extends `${infer Name}: ${string}`
      ? Name
      : never;

/** What a rule is given for an input. */
type Given<Text> = Text extends `...${string}`
  ? readonly Value[]
  : Text extends `${string}?: ${string}`
    ? Value | undefined
    : Value;

/** The inputs of a node by name. */
export type Inputs<S extends Signature> = { readonly [Text in S["inputs"][number] as NameOf<Text>]: Given<Text> };

interface Written {
  readonly int: number;
  readonly float: number;
  readonly ints: readonly number[];
  readonly floats: readonly number[];
  readonly string: string;
  readonly strings: readonly string[];
  readonly type: DataType;
  readonly tensor: ConstantData;
  readonly graph: Graph;
}

/** The value of an attribute of this row. */
export type AttributeOf<Row> = Row extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : Row extends { readonly kind: infer Kind extends AttributeKind }
    ? Written[Kind]
    : never;

/** The attributes of a node with defaults filled in. */
export type Resolved<S extends Signature> = {
  readonly [Name in keyof S["attributes"]]: S["attributes"][Name] extends
    | { readonly default: unknown }
    | { readonly required: true }
    ? AttributeOf<S["attributes"][Name]>
    : AttributeOf<S["attributes"][Name]> | undefined;
};

interface Failing {
  /** Throws a CompileError that names the operator, the node and its layer. */
  fail(message: string, hint?: string): never;
}

interface Knowing extends Failing {
  /** The elements of a shape, of indices, axes or flags, where some are known. */
  contents(value: Value | undefined): Contents | undefined;
  /** The data of a value that is a constant. */
  constant(value: Value | undefined): ConstantData | undefined;
}

/** What shape rules are given beside the inputs: one node, checked for number and types of inputs and for attributes. */
export interface Inference<S extends Signature = Signature> extends Knowing {
  readonly attributes: Resolved<S>;
  /** How many outputs the node has. */
  readonly outputs: number;
}

/** What gradient rules and decompositions are given beside the inputs. */
export interface Differentiation<S extends Signature = Signature> extends Knowing {
  readonly g: GraphBuilder;
  readonly node: GraphNode;
  readonly attributes: Resolved<S>;
  /** The first output. */
  readonly y: Value;
  readonly outputs: readonly Value[];
  /** The gradient of the loss with respect to the first output; zeros where only others have one. */
  readonly dy: Value;
  /** The gradients of all outputs; undefined where the loss does not depend on one. */
  readonly dys: readonly (Value | undefined)[];
  /** Whether a gradient of this value is asked for: for rules that make several gradients by one node. */
  wants(value: Value): boolean;
  /** For operators with graph attributes: adds to the gradient of a value of the outer graph that these capture. */
  addToCaptured(value: Value, gradient: Value): void;
  /** Differentiates in a subgraph that the rule builds (see `differentiateFrom`): undefined where nothing flows. */
  differentiate(
    g: GraphBuilder,
    seeds: readonly (readonly [value: Value, gradient: Value])[],
    wrt: readonly Value[],
  ): readonly (Value | undefined)[];
}

/** What only gradient rules are given. */
export type GradientOnly = "y" | "outputs" | "dy" | "dys" | "wants" | "addToCaptured" | "differentiate";

/** What rules that write a node anew are given beside the inputs. */
export type Decomposition<S extends Signature = Signature> = Omit<Differentiation<S>, GradientOnly>;

/**
 * The gradient with respect to one input, for a variadic input that at this place. It is called only where that gradient
 * is asked for. What it returns may have the shape of the broadcast result: differentiate() sums it down to the input's.
 */
export type InputGradient = (index: number) => Value;

type Flows<Text> = Text extends `${string}: ${"float" | "number" | "any"}` ? NameOf<Text> : never;

/** A gradient for each input that can have one; `undefined` says that none flows. */
export type Gradients<S extends Signature> = {
  readonly [Text in S["inputs"][number] as Flows<Text>]: InputGradient | undefined;
};

// Methods, so that a row of any signature is a row of the table.
interface Rules<S extends Signature> {
  infer(inputs: Inputs<S>, n: Inference<S>): ValueType | readonly ValueType[];
  contents(inputs: Inputs<S>, n: Inference<S>): Contents | undefined;
  gradient(inputs: Inputs<S>, d: Differentiation<S>): Gradients<S>;
  decompose(inputs: Inputs<S>, d: Decomposition<S>): Value | readonly Value[];
  rewrite(inputs: Inputs<S>, d: Decomposition<S>): Value | readonly Value[] | undefined;
}

export interface Row<S extends Signature> {
  readonly signature: S;
  /** One line, and where it is defined: `y = |x| (onnx.ai, Abs)`. */
  readonly doc: string;
  /** ONNX domain; absent for the standard operators. */
  readonly domain?: string;
  readonly infer: Rules<S>["infer"];
  /** What is known of the elements of the first output. */
  readonly contents?: Rules<S>["contents"];
  /** Takes the place of a node before gradients flow through it: the same operator with outputs that its rule can use. */
  readonly prepare?: Rules<S>["rewrite"];
  /** Takes the place of a node before a graph is serialized, where no kernel computes it, or not well. */
  readonly lower?: Rules<S>["rewrite"];
}

/**
 * One row of the operator table. It says how gradients flow in one of four ways: by a rule; by a decomposition into other
 * operators, which takes its place before differentiation; `"stops"`: the result is piecewise constant or an integer;
 * `"missing"`: refused, with a message.
 */
export type Operator<S extends Signature = Signature> = Row<S> &
  (
    | { readonly gradient: Rules<S>["gradient"] | "stops" | "missing"; readonly decompose?: never }
    | { readonly gradient?: never; readonly decompose: Rules<S>["decompose"] }
  );

/** An axis counted from the front, from one that may be negative. */
export function axisOf(n: Failing, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    n.fail(`axis ${axis} is outside a tensor of rank ${rank}; expected ${-rank} to ${rank - 1}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** A length that has to be known before the program runs. */
export function fixed(n: Failing, dim: Dim | undefined, what: string): number {
  return typeof dim === "number" ? dim : n.fail(`${what} is ${dim ?? "unknown"}; expected a length known beforehand`);
}

export function requireRank(n: Failing, value: Value, rank: number): void {
  if (value.shape.length !== rank) {
    n.fail(`"${value.name}" has rank ${value.shape.length} (shape ${formatShape(value.shape)}); expected rank ${rank}`);
  }
}

/** Axes, starts, sizes: the elements of an integer input, which have to be known. */
export function listOf(n: Knowing, value: Value, what: string): readonly Dim[] {
  const contents = n.contents(value) ?? n.fail(`its ${what} are computed; expected them to be known beforehand`);
  return contents.map((item) => item ?? n.fail(`one of its ${what} is not known beforehand`));
}

/** Axes counted from the front, each once, in the order given; they have to be known. */
export function axesOf(n: Knowing, value: Value, rank: number): readonly number[] {
  const axes = listOf(n, value, "axes").map((axis) => axisOf(n, fixed(n, axis, "an axis"), rank));
  if (new Set(axes).size !== axes.length) n.fail(`its axes [${axes.join(",")}] repeat`);
  return axes;
}
