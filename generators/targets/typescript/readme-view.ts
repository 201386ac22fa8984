import type { Note } from "../../../runtime/errors.js";
import type { Tensor } from "../../../runtime/layers/types.js";
import { countElements } from "../../../runtime/shape.js";
import type { ImportedModel, Preprocessing } from "../../imported.js";
import type { ConvertOptions } from "../convert-options.js";
import { commentText, countText, markdownCode, markdownText, numberLiteral, placeText } from "./literals.js";
import { fileNames } from "./model-view.js";
import { packageName } from "./names.js";
import { outputText } from "./output-text.js";
import type { PackageView, ReadmeView } from "./views.js";

function preprocessingText(preprocessing: Readonly<Record<string, Preprocessing>>): string {
  const texts = Object.entries(preprocessing).flatMap(([name, one]) => {
    const text = formulaText(one);
    return text === "x" ? [] : [{ name, text }];
  });
  if (texts.length <= 1) return texts.map(({ text }) => text).join("");
  return texts.map(({ name, text }) => `${markdownCode(name)}: ${text}`).join(", ");
}

function formulaText({ mean, scale }: Preprocessing): string {
  const less = mean === undefined ? "" : ` − ${mean.map(numberLiteral).join(" / ")}`;
  const times = scale === undefined ? "" : ` · ${numberLiteral(scale)}`;
  return less !== "" && times !== "" ? `(x${less})${times}` : `x${less}${times}`;
}

/** A note for a reader: its place without directories, what it says and what to do. */
function noteText({ at, message, hint }: Note): string {
  const place = placeText(at);
  return [
    place === "" ? "" : `${markdownCode(place)}: `,
    markdownText(message),
    hint === undefined ? "" : ` (${markdownText(hint)})`,
  ].join("");
}

/** What a network is fed with: `` `image`: 3×8×8, `tokens`: 5 whole numbers ``. */
function columnsText(tensors: readonly Tensor[]): string {
  return tensors.map(({ layer }) => `${markdownCode(layer.name)}: ${outputText(layer)}`).join(", ");
}

export function viewReadme(imported: ImportedModel, options: ConvertOptions): ReadmeView {
  const { network, notes } = imported;
  const preprocessing = preprocessingText(imported.data.preprocessing);
  return {
    title: markdownCode(network.name),
    files: fileNames(imported),
    hasDefaultData: options.data !== undefined,
    dataFile: commentText(options.data ?? ""),
    hasColumns: network.inputs.length > 1 || network.labels.length > 1,
    inputs: columnsText(network.inputs),
    labels: columnsText(network.labels),
    parameters: countText(countElements(network.variables)),
    layers: network.layers.map((node) => {
      const parameters = countElements(Object.values(node.variables));
      const cells = [
        markdownCode(node.name),
        node.type,
        outputText(node),
        parameters === 0 ? "" : countText(parameters),
        placeText(node.at),
      ];
      return { row: `| ${cells.join(" | ")} |` };
    }),
    hasPreprocessing: preprocessing !== "",
    preprocessing,
    hasNotes: notes.length > 0,
    notes: notes.map((note) => ({ text: noteText(note) })),
  };
}

export function viewPackage({ network, ...imported }: ImportedModel, options: ConvertOptions): PackageView {
  return {
    name: JSON.stringify(packageName(network.name)),
    description: JSON.stringify(`Trains ${network.name}, converted from ${fileNames({ network, ...imported })}.`),
    runtime: JSON.stringify(options.runtime),
  };
}
