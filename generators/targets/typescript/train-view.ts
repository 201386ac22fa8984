import { builtinDefaults, trainingDefaults } from "../../../runtime/options/defaults.js";
import { camelCase } from "../../../runtime/options/row.js";
import type { RunOptionRow } from "../../../runtime/options/run-row.js";
import { optionsIn, runOptions } from "../../../runtime/options/table.js";
import type { ImportedModel, Preprocessing } from "../../imported.js";
import type { ConvertOptions } from "../convert-options.js";
import { numbersCode } from "./data-code.js";
import { importCode } from "./expressions.js";
import { type Code, list, object, printCode, text } from "./layout.js";
import { commentText, numberLiteral, placeText, stringLiteral } from "./literals.js";
import { modelImports, modelNames } from "./model-view.js";
import { trainFunctions } from "./train-names.js";
import type { SolverView, TrainView } from "./views.js";

/** Where the lines of a list in train.ts begin. */
const indent = "      ";
/** Columns that a line with its comment keeps within. */
const width = 118;

/** `utype: "BSP", // when pushes …`, the comment on a line of its own where it does not fit. */
function lineOf(name: string, code: Code, comment: string): readonly { readonly text: string }[] {
  const line = `${name}: ${printCode(code, { indent, before: name.length + 2, after: 1 })},`;
  if (comment === "") return [{ text: line }];
  const fits = !line.includes("\n") && indent.length + line.length + comment.length + 4 <= width;
  return fits ? [{ text: `${line} // ${comment}` }] : [{ text: `// ${comment}` }, { text: line }];
}

function valueCode(value: unknown): Code {
  if (typeof value === "number") return text(numberLiteral(value));
  if (typeof value === "boolean") return text(String(value));
  if (Array.isArray(value)) return list(value.map(valueCode));
  if (typeof value === "object" && value !== null) {
    return object(Object.fromEntries(Object.entries(value).map(([name, one]) => [name, valueCode(one)])));
  }
  return text(stringLiteral(String(value)));
}

/** What the model's files say of options of train.ts. */
function fromFiles({ training: { seed, validate } }: ImportedModel): ConvertValues {
  return { ...(seed !== undefined && { seed }), ...(validate === false && { validation: 0 }) };
}

type ConvertValues = Partial<ConvertOptions>;

/** What holds where train.ts says nothing: what `paramserv()` does, or reading the data. */
const unsaid: Readonly<Record<string, unknown>> = { ...builtinDefaults, validation: trainingDefaults.validation };

/**
 * The defaults of the command line. Printed is what differs from what the runtime does by itself, with a comment: the same
 * rule as for the options of layers and of the optimizer.
 */
function defaults(imported: ImportedModel, options: ConvertOptions): TrainView["defaults"] {
  const files = fromFiles(imported);
  const chosen = options.valData === undefined ? files : { ...files, validation: undefined };
  const values: Readonly<Record<string, unknown>> = { ...trainingDefaults, ...chosen, ...options };
  return Object.entries<RunOptionRow>(optionsIn(runOptions, "convert")).flatMap(([option, row]) => {
    const name = camelCase(option);
    const value = values[name];
    if (value === undefined || value === unsaid[name]) return [];
    return lineOf(name, valueCode(value), row.comment ?? row.describe);
  });
}

/** One property of the preprocessing of all inputs: a plain value for the only float input, else values by input. */
function preparingLine<Value>(
  name: string,
  { network, data: { preprocessing } }: ImportedModel,
  read: (of: Preprocessing) => Value | undefined,
  print: (value: Value) => Code,
): TrainView["preparing"] {
  const given = Object.entries(preprocessing).flatMap(([input, of]) => {
    const value = read(of);
    return value === undefined ? [] : [{ input, code: print(value), place: placeText(of.at) }];
  });
  const [first] = given;
  if (first === undefined) return [];
  const floats = network.inputs.filter(({ dtype }) => dtype === "float32");
  const byInput = object(Object.fromEntries(given.map(({ input, code }) => [input, code])));
  const places = [...new Set(given.map(({ place }) => place))].filter((place) => place !== "");
  return lineOf(name, floats.length === 1 ? first.code : byInput, places.join(", "));
}

/** What is done to the features, with the line of the file that says so: `scale: 0.00390625, // net.prototxt:12`. */
function preparing(imported: ImportedModel): TrainView["preparing"] {
  const { layout, classNames, crop, mirror } = imported.data;
  return [
    ...preparingLine("mean", imported, (of) => of.mean, numbersCode),
    ...preparingLine(
      "scale",
      imported,
      (of) => of.scale,
      (scale) => text(numberLiteral(scale)),
    ),
    ...(layout === "channels_last" ? lineOf("layout", text(stringLiteral(layout)), "flat rows and the like") : []),
    ...(crop === true ? lineOf("crop", text("true"), "images are cut to the input's size") : []),
    ...(mirror === true ? lineOf("mirror", text("true"), "images are turned left to right at random") : []),
    ...(classNames === undefined ? [] : lineOf("classNames", valueCode(classNames), "")),
  ];
}

function trainImports(counts: SolverView["counts"]): readonly string[] {
  const unused = counts === "iterations" ? [] : ["resolveEpochs", "rowsOf"];
  return trainFunctions.filter((name) => !unused.includes(name));
}

export function viewTrain(imported: ImportedModel, options: ConvertOptions, counts: SolverView["counts"]): TrainView {
  const { network } = imported;
  const imports = importCode(trainImports(counts));
  return {
    title: commentText(network.name),
    imports: printCode(imports, { before: "import ".length, after: ' from "paramserv";'.length }),
    description: stringLiteral(`Trains ${network.name} as model.ts and solver.ts say.`),
    defaults: defaults(imported, options),
    network: modelNames(network, modelImports(network)).network,
    preparing: preparing(imported),
    countsIterations: counts === "iterations",
    epochs: counts === "epochs" ? "flags.epochs ?? solver.epochs" : "flags.epochs ?? resolveEpochs(length)",
  };
}
