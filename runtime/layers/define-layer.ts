import type { InputText, NameOf } from "../graph/operators/operator.js";
import type { Value } from "../graph/types.js";
import { readCall } from "./call.js";
import type { LayerDefinition, LayerInputs, LoweredLayer, SampleRank } from "./definition.js";
import { namedValues, valuesOf } from "./inputs.js";
import { makeNode } from "./make-node.js";
import { type OptionsOf, type OptionTable, type Resolved, resolveOptions } from "./options.js";
import { firstOf, tensorsFrom } from "./tensors.js";
import type { LayerInput, LayerNode, Lowering, Mean, Scalar, Tensor } from "./types.js";

interface Spec<Texts extends readonly InputText[], Table extends OptionTable, Result> {
  /** The layer function's name. */
  readonly type: string;
  /** `"x: float"`, `"bias?: float"`, `"...xs: any"`, in the order in which `make` is given them. */
  readonly inputs: Texts;
  /** Names of the inputs that may be numbers, which become constants. Default none. */
  readonly numbers?: readonly NameOf<Texts[number]>[];
  /** The ranks of a sample that are taken, checked before lowering (LAYER_RANK_WRONG). Default any. */
  readonly samples?: { readonly [Name in NameOf<Texts[number]>]?: SampleRank };
  /** Beside `name` and `at`. Doc comments on the rows become those of the options (see {@link OptionsOf}). */
  readonly options: Table;
  /** True for layers whose variables are named after them. Default false. */
  readonly needsName?: boolean;
  /** True where the layer's function gives a list of outputs even if it has one. Default false. */
  readonly givesList?: boolean;
  /** Inputs of whole numbers that are places in something: the option that says of how many. Default none. */
  readonly below?: { readonly [Name in NameOf<Texts[number]>]?: keyof Table & string };
  /**
   * Writes the layer as operators. It is run on a scratch graph when a layer is made: types, shapes and variables follow
   * from it, and what an operator refuses is a problem of the layer. `given` are the inputs as the caller gave them.
   */
  lower(lowering: Lowering, inputs: LayerInputs<Texts>, options: Resolved<Table>, given: readonly LayerInput[]): Result;
}

/** A layer gives one value, or a list of them where it has several outputs. */
export type LayerSpec<Texts extends readonly InputText[], Table extends OptionTable> = Spec<
  Texts,
  Table,
  Value | readonly Value[]
>;

/** A loss or metric gives a mean. */
export interface ScalarSpec<Texts extends readonly InputText[], Table extends OptionTable>
  extends Spec<Texts, Table, Mean> {
  readonly role: "loss" | "metric";
}

/** A layer definition with the functions that make layers of it. */
export interface Layer<Table extends OptionTable = OptionTable> extends LayerDefinition {
  /** The first output. Variadic inputs stand in the list like the others; an optional one may be undefined. */
  make(inputs: readonly LayerInput[], options: OptionsOf<Table>): Tensor;
  /** All outputs. */
  makeAll(inputs: readonly LayerInput[], options: OptionsOf<Table>): readonly Tensor[];
}

/** The definition of a loss or metric, with the function that makes one. */
export interface ScalarLayer<Table extends OptionTable = OptionTable> extends LayerDefinition {
  make(inputs: readonly LayerInput[], options: OptionsOf<Table>): Scalar;
}

/** Runs the lowering of a spec with inputs by name and options with their defaults. */
function lowered<Texts extends readonly InputText[], Table extends OptionTable, Result>(
  spec: Spec<Texts, Table, Result>,
  lowering: Lowering,
  node: LayerNode,
  valueFor: (tensor: Tensor) => Value,
): Result {
  const values = valuesOf(lowering, spec.inputs, node.inputs, valueFor);
  // Inputs and options were read by this very spec.
  const inputs = namedValues(spec.inputs, values) as LayerInputs<Texts>;
  const options = resolveOptions(spec.options, { ...node.options, ...node.tensors }) as Resolved<Table>;
  return spec.lower(lowering, inputs, options, node.inputs);
}

function partsOf({
  type,
  inputs,
  numbers = [],
  samples = {},
  options,
  needsName = false,
  givesList = false,
  below = {},
}: Spec<readonly InputText[], OptionTable, unknown>) {
  return { type, inputs, numbers, samples, options, needsName, givesList, below };
}

/** Makes a row of the layer table: checks, naming, shapes and freezing are the same for every layer. */
export function defineLayer<const Texts extends readonly InputText[], const Table extends OptionTable>(
  spec: LayerSpec<Texts, Table>,
): Layer<Table> {
  const definition: LayerDefinition = {
    ...partsOf(spec),
    role: "layer",
    lower: (lowering, node, valueFor): LoweredLayer => {
      const result = lowered(spec, lowering, node, valueFor);
      return { outputs: "name" in result ? [result] : result };
    },
  };
  const makeAll = (inputs: readonly LayerInput[], options: OptionsOf<Table>) =>
    tensorsFrom(makeNode(definition, readCall(definition, inputs, options)));
  return {
    ...definition,
    makeAll,
    make: (inputs, options) => firstOf(makeAll(inputs, options)),
  };
}

/** Makes a row of the layer table for a loss or a metric. */
export function defineScalar<const Texts extends readonly InputText[], const Table extends OptionTable>(
  spec: ScalarSpec<Texts, Table>,
): ScalarLayer<Table> {
  const definition: LayerDefinition = {
    ...partsOf(spec),
    role: spec.role,
    lower: (lowering, node, valueFor) => ({ outputs: [], mean: lowered(spec, lowering, node, valueFor) }),
  };
  return {
    ...definition,
    make: (inputs, options) =>
      Object.freeze({ kind: "scalar", layer: makeNode(definition, readCall(definition, inputs, options)) }),
  };
}
