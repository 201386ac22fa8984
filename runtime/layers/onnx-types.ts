import type { AttributesOf, OperatorName, SignatureOf } from "../graph/operators/typed.js";
import type { LayerOptions } from "./options.js";
import type { LayerInput, Tensor } from "./types.js";

type Required = Exclude<LayerInput, undefined>;

/** The ways to write inputs: variadic ones as a list, optional ones as undefined, or left out from the end. */
type InputsOf<Texts extends readonly string[]> = Texts extends readonly [
  infer Text,
  ...infer Rest extends readonly string[],
]
  ? Text extends `...${string}`
    ? readonly [readonly LayerInput[]]
    : Text extends `${string}?: ${string}`
      ? readonly [] | readonly [LayerInput, ...InputsOf<Rest>]
      : readonly [Required, ...InputsOf<Rest>]
  : readonly [];

/** Inputs, then options, which may be left out where none is required. */
type ArgumentsOf<Inputs extends readonly unknown[], Options> = Inputs extends readonly unknown[]
  ? Partial<Options> extends Options
    ? readonly [...inputs: Inputs, options?: Options]
    : readonly [...inputs: Inputs, options: Options]
  : never;

type OutputsOf<Op extends OperatorName> =
  SignatureOf<Op> extends { readonly outputs: infer Outputs extends readonly string[] } ? Outputs : readonly ["y"];

/** As many tensors as there are outputs that are always there. */
type Always<Outputs extends readonly string[]> = Outputs extends readonly [
  infer Text,
  ...infer Rest extends readonly string[],
]
  ? Text extends `${string}?` | `...${string}`
    ? readonly []
    : readonly [Tensor, ...Always<Rest>]
  : readonly [];

/** One tensor as it is, several as a list. */
type One<Tensors extends readonly Tensor[]> = Tensors extends readonly [Tensor, Tensor, ...Tensor[]] ? Tensors : Tensor;

type Repeated<Count extends number, Tensors extends readonly Tensor[] = readonly []> = Tensors["length"] extends Count
  ? One<Tensors>
  : Repeated<Count, readonly [...Tensors, Tensor]>;

/** One object type: of an intersection with `{}` the compiler takes unknown properties. */
type Flat<Options> = { readonly [Name in keyof Options]: Options[Name] };

type OptionsFor<Op extends OperatorName> = Flat<AttributesOf<SignatureOf<Op>> & LayerOptions>;

/** Without a number of outputs: those that are always there. */
type Plain<Op extends OperatorName> = (
  ...given: ArgumentsOf<InputsOf<SignatureOf<Op>["inputs"]>, OptionsFor<Op>>
) => One<Always<OutputsOf<Op>>>;

/** With a number of outputs: as many. */
type Counted<Op extends OperatorName> = <const Count extends number>(
  ...given: ArgumentsOf<InputsOf<SignatureOf<Op>["inputs"]>, OptionsFor<Op> & { readonly outputs: Count }>
) => number extends Count ? Tensor | readonly Tensor[] : Repeated<Count>;

/** An operator as a layer function: `onnx.Gather(x, indices, { axis: 1 })`. */
export type OnnxLayer<Op extends OperatorName> = OutputsOf<Op>[number] extends infer Output
  ? [Extract<Output, `...${string}`>] extends [never]
    ? [Extract<Output, `${string}?`>] extends [never]
      ? Plain<Op>
      : Plain<Op> & Counted<Op>
    : Counted<Op>
  : never;

/** A layer function for each row of the operator table. */
export type OnnxLayers = { readonly [Op in OperatorName]: OnnxLayer<Op> };
