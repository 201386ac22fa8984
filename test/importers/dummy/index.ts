import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ImportedModel, Importer } from "../../../generators/imported.js";
import { decodeFields } from "../../../generators/source/fields/decode.js";
import type { FieldReport, FieldSource, Settings } from "../../../generators/source/fields/field.js";
import { parseJson } from "../../../generators/source/json/parse.js";
import { Notes, Problems } from "../../../generators/source/problems.js";
import { type ErrorCode, internalError } from "../../../runtime/errors.js";
import {
  input,
  label,
  meanSquaredError,
  model,
  type Scalar,
  softmaxCrossEntropy,
  type Tensor,
  target,
} from "../../../runtime/layers/index.js";
import { sampleShape } from "../../../runtime/layers/tensors.js";
import { sgd } from "../../../runtime/optimizers/index.js";
import { layers, modelRules } from "./layers.js";
import { weightSource } from "./weights.js";

type Toy = Settings<typeof modelRules.fields>;

/** Messages need a row of the error table; the toy borrows one. */
const code: ErrorCode = "LAYER_OPTION_INVALID";

class Reader {
  readonly problems = new Problems();
  readonly notes = new Notes();
  readonly tensors = new Map<string, Tensor>();

  report(title: string): FieldReport {
    return {
      problem: (_, message, { at }) => this.problems.add({ code, message: `${title}${message}`, at }),
      note: (message, at) => this.notes.add({ message: `${title}${message}`, at }),
      idle: (name, reason, at) => this.notes.add({ message: `${title}its ${name} has no effect: ${reason}`, at }),
    };
  }

  buildLayer(source: FieldSource): void {
    const name = String(source.one("name") ?? "?");
    const report = this.report(`layer "${name}": `);
    const kind = source.one("kind");
    const row = Object.entries(layers).find(([known]) => known === kind)?.[1];
    if (row === undefined) {
      const message = `its kind is ${JSON.stringify(kind)}, expected one of ${Object.keys(layers).join(", ")}`;
      report.problem("invalid", message, { at: source.at("kind") });
      return;
    }
    const settings = decodeFields(source, row.rules, report);
    const from = this.tensors.get(String(source.one("from")));
    if (from === undefined) report.problem("invalid", "nothing makes what it is from", { at: source.at("from") });
    else if (settings !== undefined) this.tensors.set(name, row.make(from, settings, { name, at: source.at() }));
  }

  ends({ losses }: Toy): { readonly labels: readonly Tensor[]; readonly losses: Readonly<Record<string, Scalar>> } {
    const labels: Tensor[] = [];
    const scalars = losses.flatMap((row): readonly (readonly [string, Scalar])[] => {
      const from = row && this.tensors.get(row.of);
      if (row === undefined || from === undefined) return [];
      const truth = row.kind === "classes" ? label(row.truth) : target(row.truth, sampleShape(from.shape));
      labels.push(truth);
      const options = { name: `${row.of}_loss`, weight: row.weight };
      const make = row.kind === "classes" ? softmaxCrossEntropy : meanSquaredError;
      return [[options.name, make(from, truth, options)]];
    });
    return { labels, losses: Object.fromEntries(scalars) };
  }
}

function build(reader: Reader, source: FieldSource, file: string): ImportedModel {
  const toy = decodeFields(source, modelRules, reader.report("the model: "));
  for (const entry of toy?.inputs ?? []) if (entry) reader.tensors.set(entry.name, input(entry.name, entry.shape));
  const inputs = [...reader.tensors.values()];
  for (const layer of source.list("layers") ?? []) if (typeof layer === "object") reader.buildLayer(layer);
  reader.problems.throwIfAny();
  if (toy === undefined) throw internalError("a toy could not be read and no problem says why");
  const outputs = Object.fromEntries(
    [...reader.tensors].filter(([name]) => toy.losses.some((loss) => loss?.of === name)),
  );
  const network = model({ name: toy.name, inputs, ...reader.ends(toy), outputs });
  const { training, weights } = toy;
  const preprocessing = toy.inputs.flatMap((entry) => (entry?.scale ? [[entry.name, { scale: entry.scale }]] : []));
  const names = toy.losses.flatMap((loss) => (loss?.classes.length ? [[loss.truth, loss.classes]] : []));
  return {
    format: "toy",
    name: toy.name,
    files: [file],
    network,
    ...(weights === undefined ? {} : { weights: weightSource(join(dirname(file), weights), network) }),
    training: {
      ...(training === undefined ? {} : { optimizer: sgd({ learningRate: training.rate }) }),
      ...(training?.epochs === undefined ? {} : { epochs: training.epochs }),
      ...(training?.batch === undefined ? {} : { batchsize: training.batch }),
    },
    data: { preprocessing: Object.fromEntries(preprocessing), classNames: Object.fromEntries(names) },
    notes: reader.notes.list(),
  };
}

/** A format of tests: a network as JSON, its weights beside it. */
export const toyImporter: Importer = {
  describe: "a toy (.toy)",
  extensions: [".toy"],
  recognises: (head) => /^\s*\{\s*"toy"/.test(new TextDecoder().decode(head)),
  read: async (file) => {
    const reader = new Reader();
    const parsed = parseJson(await readFile(file, "utf8"), file);
    reader.problems.addAll(parsed.faults.map((fault) => ({ code, ...fault })));
    reader.problems.throwIfAny();
    if (!("source" in parsed)) throw internalError("a toy could not be parsed and no problem says why");
    return build(reader, parsed.source, file);
  },
};
