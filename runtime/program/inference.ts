import { joinChunks } from "../chunks.js";
import { CompileError, type Problem } from "../errors.js";
import type { OnnxOptions } from "../graph/onnx.js";
import { onnxChunks } from "../graph/onnx-initializers.js";
import { simplify } from "../graph/passes/index.js";
import type { ConstantData } from "../graph/types.js";
import { requireNetwork } from "../layers/network.js";
import { show } from "../layers/plain.js";
import { reachableLayers } from "../layers/reachable.js";
import { nameOf, tensorsOf } from "../layers/tensors.js";
import type { LayerNode, Network, Tensor, Variable } from "../layers/types.js";
import { countElements, sizeOf } from "../shape.js";
import { type BoundGraph, withoutUnusedInputs } from "./executable.js";
import type { NamedArrays } from "./layout.js";
import { type InputMaker, lowerNetwork } from "./lower.js";

/** Weights by variable name. */
export type Weights = NamedArrays;

const isScalarLayer = ({ role }: LayerNode): boolean => role === "loss" || role === "metric";

/** What inference puts out where the network does not say: what only losses and metrics take. */
function defaultOutputs({ layers, labels }: Network): Readonly<Record<string, Tensor>> {
  const taken = new Set(
    layers
      .filter((node) => !isScalarLayer(node))
      .flatMap(tensorsOf)
      .map(nameOf),
  );
  const fed = new Set(labels.map(({ layer }) => layer));
  const computed = layers
    .filter(isScalarLayer)
    .flatMap(tensorsOf)
    .filter((tensor) => tensor.layer.role === "layer" && !taken.has(nameOf(tensor)))
    .filter((tensor) => !reachableLayers([tensor]).some((node) => fed.has(node)));
  return Object.fromEntries(computed.map((tensor) => [nameOf(tensor), tensor]));
}

/** What inference puts out, by name. */
function outputsOf(network: Network): Readonly<Record<string, Tensor>> {
  const outputs = Object.keys(network.outputs).length > 0 ? network.outputs : defaultOutputs(network);
  if (Object.keys(outputs).length > 0) return outputs;
  throw new CompileError({
    code: "MODEL_OPTION_INVALID",
    message: `network ${show(network.name)}: it has no outputs, expected at least one for inference`,
    hint: "give model() outputs, for example outputs: { prob: softmax(scores) }",
  });
}

/**
 * The inference graph, before anything was done to it: inputs and variables in, outputs by name. An output that has the
 * name of an input is called `<name>_2`, and variables make room for both.
 */
export function inferenceGraph(network: Network, input?: InputMaker): BoundGraph {
  const outputs = outputsOf(network);
  const ends = Object.values(outputs);
  const lowered = lowerNetwork(network, {
    name: network.name,
    training: false,
    ends,
    outputs: Object.keys(outputs),
    input,
  });
  for (const [index, tensor] of ends.entries())
    lowered.g.output(lowered.outputs[index] ?? "", lowered.valueFor(tensor));
  return { graph: lowered.g.build(), inputs: lowered.inputs, outputs: [] };
}

/** The weights of these variables as constants, by the graph input that each is. */
function readWeights(variables: readonly (Variable & { readonly input: string })[], weights: Weights) {
  const problems: Problem[] = [];
  const constants = new Map<string, ConstantData>();
  for (const { name, input, shape } of variables) {
    const given = Object.hasOwn(weights, name) ? weights[name] : undefined;
    if (given !== undefined && show(given.shape) === show(shape) && given.data.length === sizeOf(shape)) {
      constants.set(input, { dtype: "float32", shape, data: given.data });
      continue;
    }
    const found = given === undefined ? "missing" : `${show(given.shape)} with ${given.data.length} numbers`;
    const message = `the weights of variable "${name}" are ${found}, expected ${show(shape)}`;
    problems.push({ code: "MODEL_WEIGHTS_INVALID", message });
  }
  if (problems.length > 0) throw new CompileError(problems);
  return constants;
}

/** Protocol buffers end at 2 GiB. */
function checkFileSize({ name }: Network, variables: readonly Variable[]): void {
  const floats = countElements(variables);
  if (floats * 4 < 2 ** 31 - 2 ** 20) return;
  throw new CompileError({
    code: "MODEL_SIZE_TOO_LARGE",
    message: `network ${show(name)}: its ${floats} parameters need ${floats * 4} bytes, expected less than 2 GiB for an ONNX file`,
  });
}

export interface ExportOptions extends Pick<OnnxOptions, "metadata" | "producerVersion"> {
  /** What each input is in the graph, such as one computed from raw rows. Default: as the network takes it. */
  readonly input?: InputMaker;
}

/**
 * The network as an ONNX inference model, in pieces to be written one after the other: its outputs by name, dropout
 * removed, statistics as they are, any batch length. Where the network names no outputs, they are what only its losses
 * and metrics take, named after the layers. The pieces of weights are views of the arrays given.
 *
 * @param weights become initializers; without them the variables are inputs of the model
 * @throws CompileError if there is nothing to put out, or weights are missing or of the wrong shape
 */
export function exportOnnx(
  network: Network,
  weights?: Weights,
  { input, ...about }: ExportOptions = {},
): readonly Uint8Array[] {
  const { graph, inputs } = inferenceGraph(requireNetwork(network), input);
  const last = withoutUnusedInputs(simplify(graph));
  if (weights === undefined) return onnxChunks(last, about);
  const names = new Map(inputs.flatMap((bound) => (bound.role === "variable" ? [[bound.variable, bound.input]] : [])));
  const used = new Set(last.inputs.map(({ name }) => name));
  const variables = network.variables.flatMap((variable) => {
    const input = names.get(variable.name);
    return input !== undefined && used.has(input) ? [{ ...variable, input }] : [];
  });
  checkFileSize(network, variables);
  return onnxChunks(last, { ...about, initializers: readWeights(variables, weights) });
}

/** {@link exportOnnx} as one array. */
export function compileInference(network: Network, weights?: Weights): Uint8Array {
  return joinChunks(exportOnnx(network, weights));
}
