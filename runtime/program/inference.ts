import { CompileError, type Problem } from "../errors.js";
import { graphBuilder } from "../graph/builder.js";
import { toOnnx } from "../graph/onnx.js";
import { runPasses } from "../graph/passes/index.js";
import type { ConstantData, Graph } from "../graph/types.js";
import { reachableLayers } from "../layers/model-checks.js";
import { show } from "../layers/plain.js";
import { recordOf } from "../layers/records.js";
import type { Network, Parameter, Tensor } from "../layers/types.js";
import { countElements } from "../shape.js";
import { layoutOf } from "./layout.js";
import { declareInputs, lowerLayers } from "./lower.js";

/** Weights by parameter name, or flat in the layout of the network's program. */
export type Weights =
  | Float32Array
  | Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>;

/** What inference puts out where the network does not say: what only losses and metrics take. */
function defaultOutputs(network: Network): Readonly<Record<string, Tensor>> {
  const ends: Tensor[] = [];
  const isScalar = ({ layer }: Tensor) => ["loss", "metric"].includes(recordOf(layer).role);
  const taken = new Set<string>();
  for (const node of network.layers) {
    const scalar = ["loss", "metric"].includes(recordOf(node).role);
    for (const tensor of node.inputs) {
      if (scalar) ends.push(tensor);
      else taken.add(tensor.name);
    }
  }
  const hasLabel = (tensor: Tensor) =>
    reachableLayers([tensor]).some(({ type }) => type === "label" || type === "target");
  const computed = ends.filter((tensor) => !isScalar(tensor) && !taken.has(tensor.name) && !hasLabel(tensor));
  return Object.fromEntries(
    computed.filter(({ layer }) => layer.inputs.length > 0).map((tensor) => [tensor.name, tensor]),
  );
}

/** The weights of these parameters as constants, by name. */
function readWeights(parameters: readonly Parameter[], all: readonly Parameter[], weights: Weights) {
  const problems: Problem[] = [];
  const wrong = (message: string) => problems.push({ code: "MODEL_WEIGHTS_INVALID", message });
  const { parameters: layout, size } = layoutOf(all, new Set());
  const flat = weights instanceof Float32Array ? weights : undefined;
  if (flat !== undefined && flat.length !== size)
    wrong(`the flat weights have ${flat.length} floats, expected ${size}`);
  const constants = new Map<string, ConstantData>();
  for (const { name, shape } of parameters) {
    const { offset = 0, length = 0 } = layout.find((entry) => entry.name === name) ?? {};
    const given =
      flat === undefined ? namedWeights(weights, name) : { shape, data: flat.subarray(offset, offset + length) };
    const found = given === undefined ? "missing" : `${show(given.shape)} with ${given.data.length} numbers`;
    const fits = given !== undefined && show(given.shape) === show(shape) && given.data.length === length;
    if (flat === undefined && !fits) wrong(`the weights of parameter "${name}" are ${found}, expected ${show(shape)}`);
    constants.set(name, { dtype: "float32", shape, data: Float32Array.from(given?.data ?? []) });
  }
  if (problems.length > 0) throw new CompileError(problems);
  return constants;
}

function namedWeights(weights: Weights, name: string) {
  return weights instanceof Float32Array || !Object.hasOwn(weights, name) ? undefined : weights[name];
}

/**
 * The network as an ONNX inference model: its outputs by name, dropout removed, any batch length. Where the network
 * names no outputs, they are what its loss and metrics are computed from, named after the layers.
 *
 * @param weights become initializers; without them the parameters are inputs of the model
 * @throws CompileError if there is nothing to put out, or weights are missing or of the wrong shape
 */
export function compileInference(network: Network, weights?: Weights): Uint8Array {
  const graph = runPasses(inferenceGraph(network));
  if (weights === undefined) return toOnnx(graph);
  const names = new Set(graph.inputs.map(({ name }) => name));
  const parameters = network.parameters.filter(({ name }) => names.has(name));
  checkFileSize(network, parameters);
  return toOnnx(graph, { initializers: readWeights(parameters, network.parameters, weights) });
}

/** Protocol buffers end at 2 GiB. */
function checkFileSize({ name }: Network, parameters: readonly Parameter[]): void {
  const floats = countElements(parameters);
  if (floats * 4 < 2 ** 31 - 2 ** 20) return;
  throw new CompileError({
    code: "MODEL_SIZE_TOO_LARGE",
    message: `network ${show(name)}: its ${floats} parameters need ${floats * 4} bytes, expected less than 2 GiB for an ONNX file`,
  });
}

/** The inference graph, before passes, with the parameters as inputs. */
export function inferenceGraph(network: Network): Graph {
  const outputs = Object.keys(network.outputs).length > 0 ? network.outputs : defaultOutputs(network);
  const tensors = Object.values(outputs);
  if (tensors.length === 0) {
    throw new CompileError({
      code: "MODEL_OPTION_INVALID",
      message: `network ${show(network.name)}: it has no outputs, expected at least one for inference`,
      hint: "give model() outputs, for example outputs: { prob: softmax(scores) }",
    });
  }
  const g = graphBuilder(network.name);
  const nodes = reachableLayers(tensors);
  const used = new Set(nodes.map(({ name }) => name));
  const inputs = declareInputs(g, {
    parameters: nodes.flatMap(({ parameters }) => parameters),
    inputs: network.inputs.filter(({ name }) => used.has(name)),
    labels: [],
  });
  const { valueFor } = lowerLayers({ g, nodes, training: false, inputs });
  for (const [name, tensor] of Object.entries(outputs)) g.output(name, valueFor(tensor));
  return g.build();
}
