import { definitionOf } from "../../../runtime/layers/table.js";
import type { OptionValue } from "../../../runtime/layers/types.js";
import type { Block, BlockInput, BlockLayer, BlockParameter, BlockUse, BlockValue } from "../../blocks/index.js";
import { docOf } from "./block-comments.js";
import { callCode, type Imports, type VariableOf, valueCode } from "./expressions.js";
import { type Code, call, list, object, printCode, text, width } from "./layout.js";
import { propertyName, stringLiteral, templateLiteral } from "./literals.js";
import { createNames, words } from "./names.js";
import type { BlockView } from "./views.js";

/** The identifiers inside a block's function. */
interface LocalNames {
  readonly inputs: readonly string[];
  readonly parameters: ReadonlyMap<string, string>;
  /** The variables of each layer, one an output. */
  readonly layers: readonly (readonly string[])[];
}

const inputNames = ["x", "y", "z"];

function localNames(block: Block, taken: Iterable<string>): LocalNames {
  const names = createNames(taken);
  const inputs = inputNames.slice(0, block.inputs).map((name) => names.claim(name, { suffix: "Input" }));
  const parameters = new Map(
    block.parameters.map(({ name }) => [name, names.claim(name, { suffix: "Value" })] as const),
  );
  const layers = block.layers.map(({ node, name }) => {
    const around = "before" in name ? words(`${name.before}_${name.after}`).replace(/_+/g, "_").replace(/^_/, "") : "";
    const wanted = /^\p{ID_Start}/u.test(around)
      ? around
      : `${node.type.split(".").at(-1)}_${around}`.replace(/_$/, "");
    const plain = wanted.charAt(0).toLowerCase() + wanted.slice(1);
    return node.outputs.map((_, index) => names.claim(node.outputs.length > 1 ? `${plain}_${index}` : plain));
  });
  return { inputs, parameters, layers };
}

/** The type of a size: `number`, or a list of as many. */
function sizeType(values: readonly (OptionValue | undefined)[]): string {
  const lists = values.filter((value) => Array.isArray(value));
  const [first] = lists;
  if (first === undefined) return "number";
  return first.length > 4 ? "readonly number[]" : `readonly [${first.map(() => "number").join(", ")}]`;
}

function typeOf({ kind, name }: BlockParameter, { layers, uses }: Block): string {
  if (kind === "text") return "string";
  if (kind === "texts") return `readonly [${layers.map(() => "string").join(", ")}]`;
  return sizeType(uses.map(({ values }) => values[name]));
}

/** The parameter list of a block's function: tensors, then what is destructured of its options. */
function parametersText(block: Block, names: LocalNames, head: number): string {
  const rows = block.parameters.map((parameter) => {
    const left = block.uses.some(({ values }) => values[parameter.name] === undefined);
    const local = names.parameters.get(parameter.name) ?? parameter.name;
    const usual =
      left && parameter.fallback !== undefined ? ` = ${printCode(valueCode(parameter.fallback, new Set()))}` : "";
    return {
      pattern: `${local}${usual}`,
      type: `${propertyName(local)}${left ? "?" : ""}: ${typeOf(parameter, block)}`,
    };
  });
  const inputs = names.inputs.map((name) => `${name}: Tensor`);
  const pattern = `{ ${rows.map((row) => row.pattern).join(", ")} }`;
  const type = `{ ${rows.map((row) => row.type).join("; ")} }`;
  const line = [...inputs, `${pattern}: ${type}`].join(", ");
  if (head + line.length <= width) return line;
  if (pattern.length + type.length + 5 <= width) {
    return ["", ...[...inputs, `${pattern}: ${type}`].map((one) => `  ${one},`), ""].join("\n");
  }
  const broken = [`${pattern}: {`, ...rows.map((row) => `    ${row.type};`), "  }"].join("\n");
  return ["", ...[...inputs, broken].map((one) => `  ${one},`), ""].join("\n");
}

function blockLayerCode(layer: BlockLayer, names: LocalNames, imports: Imports): Code {
  const local = (parameter: string): string => names.parameters.get(parameter) ?? parameter;
  const sizeCode = (value: BlockValue): Code => {
    if (value.kind === "literal") return valueCode(value.value, imports);
    return text(value.times === 1 ? local(value.parameter) : `${value.times} * ${local(value.parameter)}`);
  };
  const inputCode = (input: BlockInput): Code => {
    if (input === undefined) return text("undefined");
    if (input.kind === "value") return sizeCode(input.value);
    if (input.kind === "input") return text(names.inputs[input.index] ?? "");
    return text(names.layers[input.layer]?.[input.output] ?? "");
  };
  const { name, inputs, tensors, options } = layer;
  const nameText =
    "item" in name
      ? `${local(name.parameter)}[${name.item}]`
      : templateLiteral(name.before, local(name.parameter), name.after);
  const given = [
    ...Object.entries(options).map(([key, value]) => [key, sizeCode(value)] as const),
    ...Object.entries(tensors).map(([key, input]) => [key, inputCode(input)] as const),
  ];
  const parts = { name: text(nameText), inputs: inputs.map(inputCode), options: Object.fromEntries(given) };
  return callCode(layer.node, parts, imports);
}

/** `conv1`, or `[left, right]` of a layer that gives a list, outputs that nothing uses left out: `[, state]`. */
export function patternOf(
  { outputs, type }: BlockLayer["node"],
  variables: readonly string[],
  used: ReadonlySet<string>,
): string {
  if (outputs.length <= 1 && !definitionOf(type).givesList) return variables[0] ?? "";
  return listPattern(variables, used);
}

/** `[left, , right]`: variables that nothing uses are left out. */
export function listPattern(variables: readonly string[], used: ReadonlySet<string>): string {
  const last = variables.findLastIndex((name) => used.has(name));
  return `[${variables
    .slice(0, last + 1)
    .map((name) => (used.has(name) ? name : ""))
    .join(", ")}]`;
}

function bodyLines(block: Block, names: LocalNames, imports: Imports): readonly string[] {
  const inside = block.layers.flatMap(({ inputs, tensors }) => [...inputs, ...Object.values(tensors)]);
  const used = new Set(
    [...inside.flatMap((input) => (input?.kind === "layer" ? [input] : [])), ...block.outputs].map(
      ({ layer, output }) => names.layers[layer]?.[output] ?? "",
    ),
  );
  const statements = block.layers.map((layer, index) => {
    const head = `const ${patternOf(layer.node, names.layers[index] ?? [], used)} = `;
    const code = blockLayerCode(layer, names, imports);
    return `  ${head}${printCode(code, { indent: "  ", before: head.length, after: 1 })};`;
  });
  const outputs = block.outputs.map(({ layer, output }) => names.layers[layer]?.[output] ?? "");
  return [...statements, `  return ${outputs.length === 1 ? outputs[0] : `[${outputs.join(", ")}]`};`];
}

/** The call that stands for one use: `bottleneck(res2a, { name: "2b", filters: 64 })`. */
export function useCode(
  block: Block,
  use: BlockUse,
  functionName: string,
  variableOf: VariableOf,
  taken: Iterable<string>,
): Code {
  const { parameters } = localNames(block, [...taken, functionName]);
  const given = block.parameters.flatMap(({ name }): readonly (readonly [string, Code])[] => {
    const value = use.values[name];
    if (value === undefined) return [];
    const texts = Array.isArray(value) && value.every((item) => typeof item === "string");
    const code = texts ? list(value.map((item) => text(stringLiteral(item)))) : valueCode(value, new Set());
    return [[parameters.get(name) ?? name, code]];
  });
  const tensors = use.inputs.map((tensor) => text(variableOf(tensor)));
  return call(functionName, [...tensors, object(Object.fromEntries(given))]);
}

/** The function of a block; `imports` are the names that its file imports. */
export function viewBlock(block: Block, functionName: string, firstVariable: string, imports: Imports): BlockView {
  const names = localNames(block, [...imports, functionName]);
  const gives = block.outputs.length === 1 ? "Tensor" : `readonly [${block.outputs.map(() => "Tensor").join(", ")}]`;
  const head = `function ${functionName}(`;
  const parameters = parametersText(block, names, `${head}): ${gives} {`.length);
  return {
    ...docOf(block, firstVariable),
    declaration: [`${head}${parameters}): ${gives} {`, ...bodyLines(block, names, imports), "}"].join("\n"),
  };
}
