import { attributeKinds, findOperator } from "../graph/infer.js";
import { operators } from "../graph/operators/index.js";
import type { AttributeRow, Operator } from "../graph/operators/operator.js";
import { parsedSignature } from "../graph/operators/signature.js";
import type { Attribute } from "../graph/types.js";
import { readCall } from "./call.js";
import type { LayerDefinition } from "./definition.js";
import { valuesOf } from "./inputs.js";
import { makeNode } from "./make-node.js";
import type { OnnxLayers } from "./onnx-types.js";
import { type OptionKind, type OptionTable, optional, required, whole, withDefault } from "./options.js";
import { firstOf, isScalar, isTensor, tensorsFrom } from "./tensors.js";
import type { LayerInput, OptionValue, Tensor } from "./types.js";

const prefix = "onnx.";

/** An attribute as an option. */
function attributeOption({ kind, choices, default: usual, required: needed }: AttributeRow): OptionKind<unknown> {
  const { expected, fits } = attributeKinds[kind];
  const parse = (value: unknown): Attribute | undefined => {
    // Whatever it is, `fits` looks at it before it is used.
    const attribute = value as Attribute;
    const chosen = choices === undefined || choices.some((choice) => choice === value);
    if (!fits(attribute) || !chosen) return undefined;
    return Array.isArray(attribute) ? [...attribute] : attribute;
  };
  const option = {
    expected: choices === undefined ? expected : choices.map((choice) => JSON.stringify(choice)).join(" or "),
    parse,
    print: (value: unknown) => value as OptionValue,
  };
  if (needed) return required(option);
  return usual === undefined ? optional(option) : withDefault<unknown>(option, usual);
}

function optionsOf({ signature }: Operator): OptionTable {
  const { fewestOutputs, mostOutputs } = parsedSignature(signature);
  const attributes = Object.entries(signature.attributes).map(([name, row]) => [name, attributeOption(row)]);
  const many = mostOutputs === Number.POSITIVE_INFINITY;
  const count = many ? required(whole(1)) : withDefault(whole(1), fewestOutputs);
  return { ...Object.fromEntries(attributes), ...(mostOutputs > fewestOutputs && { outputs: count }) };
}

function definitionFor(op: string, row: Operator): LayerDefinition {
  const { inputs: texts, attributes: known } = row.signature;
  const { inputs, fewestOutputs } = parsedSignature(row.signature);
  return {
    type: `${prefix}${op}`,
    role: "layer",
    inputs: texts,
    numbers: inputs.map(({ name }) => name),
    samples: {},
    options: optionsOf(row),
    needsName: false,
    givesList: false,
    below: {},
    lower: (lowering, node, valueFor) => {
      const values = valuesOf(lowering, texts, node.inputs, valueFor);
      const attributes: Record<string, Attribute | undefined> = {};
      // The attributes of the row are those that were checked when the layer was made.
      for (const name of Object.keys(known)) attributes[name] = node.options[name] as Attribute | undefined;
      const outputs = Number(node.options.outputs ?? fewestOutputs);
      return { outputs: lowering.g.node({ op, inputs: values, attributes, outputs }) };
    },
  };
}

const definitions: ReadonlyMap<string, LayerDefinition> = new Map(
  Object.keys(operators).flatMap((op) => {
    const row = findOperator(op);
    return row === undefined ? [] : [[`${prefix}${op}`, definitionFor(op, row)]];
  }),
);

/** The definition of the layer that is one operator, `onnx.Gather`; undefined where the table has none of the name. */
export function onnxDefinition(type: string): LayerDefinition | undefined {
  return definitions.get(type);
}

const isOptions = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isTensor(value) && !isScalar(value);

/** Inputs one after another; variadic ones are given as a list. */
function flatInputs({ inputs }: LayerDefinition, given: readonly unknown[]): readonly LayerInput[] {
  const many = inputs.findIndex((text) => text.startsWith("..."));
  const list = given[many];
  const flat = Array.isArray(list) ? [...given.slice(0, many), ...list, ...given.slice(many + 1)] : given;
  // What is no input is told by the checks of the call.
  return flat as readonly LayerInput[];
}

/** Makes the layer that is one operator: a tensor, or a list where it has several outputs. */
function makeOnnx(definition: LayerDefinition, given: readonly unknown[]): Tensor | readonly Tensor[] {
  const last = given.at(-1);
  const options = isOptions(last) ? last : {};
  const inputs = flatInputs(definition, isOptions(last) ? given.slice(0, -1) : given);
  const tensors = tensorsFrom(makeNode(definition, readCall(definition, inputs, options)));
  return tensors.length === 1 ? firstOf(tensors) : tensors;
}

function layerFunctions(): OnnxLayers {
  const functions = [...definitions.values()].map((definition) => {
    return [definition.type.slice(prefix.length), (...given: readonly unknown[]) => makeOnnx(definition, given)];
  });
  // Each has the type that follows from the row of its operator.
  return Object.fromEntries(functions) as OnnxLayers;
}

/**
 * Every row of the operator table as a layer: `onnx.Gather(x, indices, { axis: 1 })`. Inputs come in ONNX's order: numbers
 * stand for constants (integers where the operator takes indices or shapes, else of the first tensor's type), variadic
 * inputs are one list, optional ones may be undefined or left out from the end. Options are the operator's attributes,
 * `name`, `at` and, for operators with a varying number of outputs, `outputs`. Operators of several outputs give a list.
 * Axis 0 is the batch as everywhere; https://onnx.ai/onnx/operators says what each computes.
 *
 * @throws CompileError if the operator does not take these inputs or attributes
 * @example
 * const rows = onnx.Reshape(x, [0, -1]);
 * const [left, right] = onnx.Split(rows, undefined, { axis: 1, num_outputs: 2, outputs: 2 });
 * const joined = onnx.Concat([left, onnx.Add(right, 1)], { axis: 1 });
 */
export const onnx: OnnxLayers = layerFunctions();
