import type { ErrorCode } from "../errors.js";
import type { Value } from "../graph/types.js";
import { checkSize, type InputKind, type LayerOptions, readCall } from "./call.js";
import { type OptionTable, printOptions, type Resolved } from "./options.js";
import { deepFreeze } from "./plain.js";
import { type LayerRole, recordLayer } from "./records.js";
import type { LayerNode, Lowering, Parameter, Shape, Tensor } from "./types.js";

/** One row of the layer table. */
export interface LayerDefinition {
  /** The layer function's name and the row's key. */
  readonly type: string;
  readonly role: LayerRole;
  readonly inputs: readonly InputKind[];
  readonly options: OptionTable;
  /** Writes the layer as graph operators. */
  lower(lowering: Lowering): Value;
}

/** What a layer's shape rule finds out. */
export interface Inferred<Attributes> {
  readonly shape: Shape;
  readonly dtype?: Tensor["dtype"];
  readonly attributes: Attributes;
  readonly parameters?: readonly Parameter[];
}

/** What a layer's shape rule is given. */
export interface Inference<Options> {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly options: Options;
  /** Notes a problem unless `ok`; all that were noted are thrown together. */
  check(ok: boolean, code: ErrorCode, message: string, hint?: string): void;
}

export interface LayerSpec<Table extends OptionTable, Attributes extends object> {
  readonly type: string;
  /** Default "layer". */
  readonly role?: LayerRole;
  readonly inputs: readonly InputKind[];
  /** Beside `name` and `at`. */
  readonly options: Table;
  /** True for layers whose parameters are named after them. Default false. */
  readonly needsName?: boolean;
  infer(inference: Inference<Resolved<Table>>): Inferred<Attributes>;
  lower(lowering: Lowering, attributes: Attributes): Value;
}

/** A layer definition with the function that makes a layer of it. */
export interface Layer extends LayerDefinition {
  make(inputs: readonly Tensor[], options: LayerOptions): Tensor;
}

/** Makes a row of the layer table: checks, naming and freezing are the same for every layer. */
export function defineLayer<const Table extends OptionTable, Attributes extends object>(
  spec: LayerSpec<Table, Attributes>,
): Layer {
  const { type, role = "layer" } = spec;

  function make(inputs: readonly Tensor[], given: LayerOptions): Tensor {
    const { name, at, values, problems } = readCall(spec, inputs, given);
    // The values were read by this very table, kind by kind.
    const options = values as Resolved<Table>;
    const check = problems.check.bind(problems);
    const { shape, dtype, attributes, parameters = [] } = spec.infer({ name: name ?? type, inputs, options, check });
    for (const size of [shape, ...parameters.map((parameter) => parameter.shape)]) checkSize(problems, size);
    problems.throwIfAny();

    const layer: LayerNode = Object.freeze({
      type,
      name: name ?? type,
      inputs: Object.freeze([...inputs]),
      options: deepFreeze(printOptions(spec.options, values)),
      attributes: deepFreeze(Object.fromEntries(Object.entries(attributes))),
      parameters: deepFreeze([...parameters]),
      shape: deepFreeze([...shape]),
      ...(at === undefined ? {} : { at: deepFreeze({ ...at }) }),
    });
    recordLayer(layer, { named: name !== undefined, role });
    const perBatch = role === "loss" || role === "metric";
    return Object.freeze({
      kind: "tensor",
      name: layer.name,
      shape: layer.shape,
      dtype: dtype ?? "float32",
      perBatch,
      layer,
    });
  }

  return {
    type,
    role,
    inputs: spec.inputs,
    options: spec.options,
    make,
    // The attributes of a node of this type are what its own shape rule returned.
    lower: (lowering) => spec.lower(lowering, lowering.node.attributes as Attributes),
  };
}
