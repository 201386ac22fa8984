import { trainingDefaults } from "../../../runtime/script/defaults.js";
import type { ImportedModel, Preprocessing } from "../../imported.js";
import { importCode } from "./expressions.js";
import { type Code, list, object, printCode, text } from "./layout.js";
import { commentText, numberLiteral, stringLiteral } from "./literals.js";
import { modelImports, modelNames } from "./model-view.js";
import type { EmitOptions } from "./options.js";
import { trainFunctions } from "./train-names.js";
import type { SolverView, TrainView } from "./views.js";

function validationShare({ training }: ImportedModel, { validation }: EmitOptions): number {
  return validation ?? (training.validate === false ? 0 : trainingDefaults.validation);
}

/** The defaults of the command line, each with what a reader wants to know of it. */
function defaults({ training }: ImportedModel, options: EmitOptions): TrainView["defaults"] {
  const { dataFile, labels, batchsize, k } = options;
  const { utype, freq, scheme } = { ...trainingDefaults, ...options };
  const rows: readonly (readonly [name: string, value: string | undefined, comment: string])[] = [
    ["data", dataFile === undefined ? undefined : stringLiteral(dataFile), ""],
    ["labels", labels === undefined ? undefined : stringLiteral(labels), ""],
    ["batchsize", batchsize === undefined ? undefined : numberLiteral(batchsize), "rows in a batch of one worker"],
    ["k", k === undefined ? undefined : numberLiteral(k), "workers"],
    ["utype", stringLiteral(utype), "BSP: workers meet at each update; ASP: each push is applied at once"],
    ["freq", stringLiteral(freq), "how often a worker pushes: BATCH or EPOCH"],
    ["scheme", stringLiteral(scheme), "how rows are dealt to the workers"],
    [
      "seed",
      numberLiteral(options.seed ?? training.seed ?? trainingDefaults.seed),
      "of the split, weights, order and dropout",
    ],
    ["out", '"result"', "where the trained model goes"],
  ];
  return rows.flatMap(([name, value, comment]) => {
    if (value === undefined) return [];
    return [{ text: `${name}: ${value},${comment === "" ? "" : ` // ${comment}`}` }];
  });
}

const meanCode = (mean: readonly number[]): Code => list(mean.map((value) => text(numberLiteral(value))));
const scaleCode = (scale: number): Code => text(numberLiteral(scale));

/** One property of the preprocessing of all inputs: a plain value for the only float input, else values by input. */
function byInputCode<Value>(
  { network, data: { preprocessing } }: ImportedModel,
  read: (of: Preprocessing) => Value | undefined,
  print: (value: Value) => Code,
): Code | undefined {
  const given = Object.entries(preprocessing).flatMap(([name, of]): readonly (readonly [string, Code])[] => {
    const value = read(of);
    return value === undefined ? [] : [[name, print(value)]];
  });
  const [first] = given;
  if (first === undefined) return undefined;
  const floats = network.inputs.filter(({ dtype }) => dtype === "float32");
  return floats.length === 1 ? first[1] : object(Object.fromEntries(given));
}

/** What is done to the features: `{ mean: [33.3], scale: 0.00390625 }`. */
function preprocessingCode(imported: ImportedModel): Readonly<Record<string, Code>> {
  const mean = byInputCode(imported, (of) => of.mean, meanCode);
  const scale = byInputCode(imported, (of) => of.scale, scaleCode);
  return { ...(mean && { mean }), ...(scale && { scale }) };
}

function trainImports(validates: boolean, counts: SolverView["counts"]): readonly string[] {
  const unused = [
    ...(validates ? [] : ["splitDataset"]),
    ...(counts === "iterations" ? [] : ["resolveEpochs", "rowsOf"]),
  ];
  return [...trainFunctions.filter((name) => !unused.includes(name)), ...(validates ? ["type Dataset"] : [])];
}

export function viewTrain(imported: ImportedModel, options: EmitOptions, counts: SolverView["counts"]): TrainView {
  const { network } = imported;
  const name = modelNames(network, modelImports(network)).network;
  const share = validationShare(imported, options);
  const preprocessing = preprocessingCode(imported);
  const shapes = text("...shapes");
  const prepare =
    Object.keys(preprocessing).length === 0 ? text("shapes") : object({ "...shapes": shapes, ...preprocessing });
  const imports = importCode(trainImports(share > 0, counts));
  return {
    title: commentText(network.name),
    imports: printCode(imports, { before: "import ".length, after: ' from "paramserv";'.length }),
    description: stringLiteral(`Trains ${network.name} as model.ts and solver.ts say.`),
    defaults: defaults(imported, options),
    network: name,
    prepare: printCode(prepare, { indent: "    ", before: 61, after: 2 }),
    validates: share > 0,
    validation: numberLiteral(share),
    countsIterations: counts === "iterations",
    epochs:
      counts === "epochs"
        ? "flags.epochs ?? solver.epochs"
        : "flags.epochs ?? resolveEpochs({ iterations: solver.iterations, batchsize: batchsize * flags.k, rows })",
    aggregation: stringLiteral(options.aggregation ?? trainingDefaults.aggregation),
    reshuffle: String(options.reshuffle ?? trainingDefaults.reshuffle),
  };
}
