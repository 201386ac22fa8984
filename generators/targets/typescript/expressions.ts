import { parseInput } from "../../../runtime/graph/operators/signature.js";
import type { ConstantData, Graph } from "../../../runtime/graph/types.js";
import type { LayerDefinition } from "../../../runtime/layers/definition.js";
import type { Initializer } from "../../../runtime/layers/initializers.js";
import { definitionOf } from "../../../runtime/layers/table.js";
import { isTensor } from "../../../runtime/layers/tensors.js";
import type { LayerInput, LayerNode, OptionValue, Tensor } from "../../../runtime/layers/types.js";
import type { Schedule } from "../../../runtime/optimizers/schedules.js";
import type { OptimizerConfig, ParameterGroup } from "../../../runtime/optimizers/types.js";
import { dataCode, numbersCode } from "./data-code.js";
import { graphCode } from "./graph-code.js";
import { type Code, call, list, object, text } from "./layout.js";
import { numberLiteral, stringLiteral } from "./literals.js";

/** Schedules whose name in the public API is not that of their policy, because a layer has it. */
const scheduleFunctions: Readonly<Record<string, string>> = { sigmoid: "sigmoidDecay" };

/** Collects the names that a file imports from the runtime while its expressions are made. */
export type Imports = Set<string>;

function mapValues<In, Out>(
  record: Readonly<Record<string, In>>,
  map: (value: In) => Out,
): Readonly<Record<string, Out>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function isInitializer(value: OptionValue): value is Initializer {
  return typeof value === "object" && "kind" in value && value.kind === "initializer";
}

function isGraph(value: OptionValue): value is Graph {
  return typeof value === "object" && "kind" in value && value.kind === "graph";
}

function isConstant(value: OptionValue): value is ConstantData {
  return typeof value === "object" && "data" in value;
}

function initializerCode({ type, options }: Initializer, imports: Imports): Code {
  imports.add(type);
  const names = Object.keys(options);
  const values = mapValues(options, (value) => valueCode(value, imports));
  // `constant(0.1)`: an initializer that has nothing but a value takes it without a name.
  if (names.length === 1 && values.value !== undefined) return call(type, [values.value]);
  return call(type, names.length === 0 ? [] : [object(values)]);
}

/** An option's value as source text. */
export function valueCode(value: OptionValue, imports: Imports): Code {
  if (typeof value === "number") return text(numberLiteral(value));
  if (typeof value === "string") return text(stringLiteral(value));
  if (typeof value === "boolean") return text(String(value));
  if (isInitializer(value)) return initializerCode(value, imports);
  if (isGraph(value)) return graphCode(value, imports);
  if (isConstant(value)) return dataCode(value);
  return list(value.map((item) => valueCode(item, imports)));
}

/** The variable that holds a tensor. */
export type VariableOf = (tensor: Tensor) => string;

/** The options that a source takes by position: those it cannot do without. */
function positional(definition: LayerDefinition): readonly string[] {
  return Object.entries(definition.options)
    .filter(([, option]) => option.required)
    .map(([name]) => name);
}

function inputCode(input: LayerInput, variableOf: VariableOf): Code {
  if (input === undefined) return text("undefined");
  if (isTensor(input)) return text(variableOf(input));
  return typeof input === "number" ? text(numberLiteral(input)) : numbersCode(input);
}

/** What the call of a layer is given. */
export interface CallParts {
  readonly name: Code;
  /** One an input of the layer. */
  readonly inputs: readonly Code[];
  readonly options: Readonly<Record<string, Code>>;
}

/**
 * The call that makes a layer: `conv2d(data, { name: "conv1", filters: 20 })`. All that a variadic input takes are one list.
 * A source takes its name, then the options that it cannot do without, by position: `input("data", [1, 28, 28])`.
 */
export function callCode({ type, role }: LayerNode, { name, inputs, options }: CallParts, imports: Imports): Code {
  const definition = definitionOf(type);
  imports.add(type.split(".")[0] ?? type);
  if (role !== "source") {
    const from = definition.inputs.findIndex((one) => parseInput(one).variadic);
    const given = from < 0 ? inputs : [...inputs.slice(0, from), list(inputs.slice(from))];
    return call(type, [...given, object({ name, ...options })]);
  }
  const first = positional(definition);
  const rest = Object.entries(options).filter(([option]) => !first.includes(option));
  const args = [name, ...first.flatMap((option) => options[option] ?? [])];
  return call(type, rest.length === 0 ? args : [...args, object(Object.fromEntries(rest))]);
}

/** The call that makes a layer of a network. */
export function layerCode(node: LayerNode, variableOf: VariableOf, imports: Imports): Code {
  const options = {
    ...mapValues(node.options, (value) => valueCode(value, imports)),
    ...mapValues(node.tensors, (tensor) => text(variableOf(tensor))),
  };
  const inputs = node.inputs.map((input) => inputCode(input, variableOf));
  return callCode(node, { name: text(stringLiteral(node.name)), inputs, options }, imports);
}

function scheduleCode({ policy, options }: Schedule, imports: Imports): Code {
  const name = scheduleFunctions[policy] ?? policy;
  imports.add(name);
  return call(name, [object(mapValues(options, (value) => valueCode(value, imports)))]);
}

/** The call that makes an optimizer: `sgd({ learningRate: inv({ … }), momentum: 0.9 })`. */
export function optimizerCode({ type, learningRate, options, ema, groups }: OptimizerConfig, imports: Imports): Code {
  imports.add(type);
  const rate = rateCode(learningRate, imports);
  const shared = mapValues(options, (value) => valueCode(value, imports));
  const mean = ema && { ema: object(mapValues({ ...ema }, (value) => valueCode(value, imports))) };
  const own = groups && { groups: list(groups.map((group) => groupCode(group, imports))) };
  return call(type, [object({ learningRate: rate, ...shared, ...mean, ...own })]);
}

function rateCode(rate: number | Schedule, imports: Imports): Code {
  return typeof rate === "number" ? valueCode(rate, imports) : scheduleCode(rate, imports);
}

function groupCode({ variables, learningRate, ...options }: ParameterGroup, imports: Imports): Code {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return object({
    variables: list(variables.map((name) => text(stringLiteral(name)))),
    ...(learningRate === undefined ? {} : { learningRate: rateCode(learningRate, imports) }),
    ...mapValues(Object.fromEntries(given) as OptimizerConfig["options"], (value) => valueCode(value, imports)),
  });
}

/** The names of an import statement: upper and lower case mixed as an organiser of imports would. */
export function importCode(names: Iterable<string>): Code {
  const sorted = [...names].sort((a, b) => {
    const [x, y] = [a, b].map((name) => name.replace(/^type /, "").toLowerCase()) as [string, string];
    return x < y ? -1 : x > y ? 1 : a < b ? -1 : 1;
  });
  return object(Object.fromEntries(sorted.map((name) => [name, text(name)])));
}
