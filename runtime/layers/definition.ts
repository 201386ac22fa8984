import type { Inputs, InputText } from "../graph/operators/operator.js";
import type { Value } from "../graph/types.js";
import type { OptionTable } from "./options.js";
import type { LayerNode, LayerRole, Lowering, Mean, Tensor } from "./types.js";

/** What a layer comes to in a graph. */
export interface LoweredLayer {
  /** One a tensor that the layer puts out; none for a loss or metric. */
  readonly outputs: readonly Value[];
  /** What a loss or metric is. */
  readonly mean?: Mean;
}

/** The ranks of one sample (the whole shape has one axis more, the batch) that an input may have. */
export interface SampleRank {
  readonly ranks: readonly number[];
  /** How a message spells them: `[channels, height, width]`. */
  readonly axes: string;
}

/** One row of the layer table. */
export interface LayerDefinition {
  /** The layer function's name and the row's key; `onnx.Gather` for an operator. */
  readonly type: string;
  readonly role: LayerRole;
  readonly inputs: readonly InputText[];
  /** Names of the inputs that may be numbers instead of a tensor. */
  readonly numbers: readonly string[];
  readonly samples: Readonly<Record<string, SampleRank | undefined>>;
  /** Beside `name` and `at`. */
  readonly options: OptionTable;
  /** True where the layer's variables are named after it. */
  readonly needsName: boolean;
  /** True where the layer's function gives a list of outputs even if it has one; it always does for several. */
  readonly givesList: boolean;
  /** Inputs of whole numbers that have to be less than what an option says, and at least 0: the option by the input's name. */
  readonly below: Readonly<Record<string, string | undefined>>;
  /** Writes a layer of this type as graph operators; `valueFor` gives what stands for the tensors that it takes. */
  lower(lowering: Lowering, node: LayerNode, valueFor: (tensor: Tensor) => Value): LoweredLayer;
}

/** The values of inputs by name: `"x: float"` is a value, `"b?: float"` one or undefined, `"...xs: any"` a list. */
export type LayerInputs<Texts extends readonly InputText[]> = Inputs<{
  readonly inputs: Texts;
  readonly attributes: Record<never, never>;
}>;
