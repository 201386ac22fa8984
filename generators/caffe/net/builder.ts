import type { ByInput } from "../../../runtime/data/by-input.js";
import { isBaseError } from "../../../runtime/errors.js";
import type { LayerNode, Tensor } from "../../../runtime/layers/index.js";
import { tensorsOf } from "../../../runtime/layers/tensors.js";
import type { Notes, Problems } from "../../source/problems.js";
import { layerNamed } from "../layers/index.js";
import type { BlobValue, CaffeLayer } from "../layers/types.js";
import { checkCommonRules, reportType } from "./common-rules.js";
import { type LayerDefinition, titleOf } from "./definition.js";
import { Ends } from "./ends.js";
import { LayerReport } from "./layer-report.js";
import { Names } from "./names.js";
import type { Blob, WiredLayer } from "./wiring.js";

interface Built {
  readonly wired: WiredLayer;
  readonly bottoms: readonly BlobValue[];
  readonly tops: readonly BlobValue[];
}

const broken: BlobValue = { kind: "broken" };

/** Builds the layers of a net's TRAIN phase, then adds what its TEST phase has beside them. */
export class NetBuilder {
  readonly ends: Ends;
  readonly #names: Names;
  readonly #problems: Problems;
  readonly #notes: Notes;
  readonly #values = new Map<Blob, BlobValue>();
  readonly #built = new Map<string, Built[]>();
  readonly #tensors = new Map<Tensor, { readonly blob: string; used: boolean }>();

  constructor(parts: { problems: Problems; notes: Notes; inputShape: ByInput<readonly number[]> | undefined }) {
    this.#problems = parts.problems;
    this.#notes = parts.notes;
    this.#names = new Names(parts.notes);
    this.ends = new Ends({ names: this.#names, notes: parts.notes, inputShape: parts.inputShape });
  }

  /** A layer name that is not taken: the wanted one, else a numbered one. */
  freeName(wanted: string): string {
    return this.#names.free(wanted);
  }

  /** Blobs that no layer uses, by name: what the net puts out. */
  get unused(): readonly (readonly [string, Tensor])[] {
    return [...this.#tensors].filter(([, { used }]) => !used).map(([tensor, { blob }]) => [blob, tensor]);
  }

  buildTrain(layers: readonly WiredLayer[]): void {
    for (const wired of layers) {
      const tops = this.#build(wired, false);
      const key = keyOf(wired.layer);
      const same = this.#built.get(key) ?? [];
      same.push({ wired, bottoms: this.#bottoms(wired), tops });
      this.#built.set(key, same);
      this.#keep(wired, tops);
    }
  }

  buildTest(layers: readonly WiredLayer[]): void {
    for (const wired of layers) this.#keep(wired, this.#reuse(wired) ?? this.#build(wired, true));
  }

  /** Sets the values of a layer's tops, and remembers which tensors nothing uses: one used in one phase is used. */
  #keep(wired: WiredLayer, tops: readonly BlobValue[]): void {
    for (const [index, blob] of wired.tops.entries()) {
      const value = tops[index] ?? broken;
      this.#values.set(blob, value);
      if (value.kind !== "tensor" || value.tensor.layer.type === "input") continue;
      const used = blob.uses.length > 0 || (this.#tensors.get(value.tensor)?.used ?? false);
      this.#tensors.set(value.tensor, { blob: blob.name, used });
    }
  }

  #bottoms(wired: WiredLayer): readonly BlobValue[] {
    return wired.bottoms.map((blob) => (blob && this.#values.get(blob)) ?? broken);
  }

  #build(wired: WiredLayer, isTest: boolean): readonly BlobValue[] {
    const { layer } = wired;
    const row = layerNamed(layer.type);
    const makesLayer = row !== undefined && row.bottoms[1] > 0 && row.tops[1] > 0;
    const name = makesLayer ? this.#names.take(layer.name, layer.at) : layer.name;
    const report = new LayerReport({ layer, name, problems: this.#problems, notes: this.#notes });
    if (row === undefined) {
      if (!layer.damaged || layer.type !== "") reportType(report);
      return [];
    }
    checkCommonRules(report, row);
    if (isTest && row.learns === true) reportUntrained(report);
    if (layer.damaged) return [];
    return this.#make({ wired, row, report, isTest });
  }

  #make({ wired, row, report, isTest }: { wired: WiredLayer; row: CaffeLayer; report: LayerReport; isTest: boolean }) {
    try {
      const make = row.read(report);
      const bottoms = this.#bottoms(wired);
      for (const [index, value] of bottoms.entries()) checkKind({ report, row, index, value });
      if (make === undefined || report.failed || bottoms.some(({ kind }) => kind === "broken")) return [];
      const tops = make(bottoms, this.ends.of(wired, isTest));
      return report.failed ? [] : tops;
    } catch (error) {
      if (!isBaseError(error) || error.code === "INTERNAL") throw error;
      report.adopt(error.problems);
      return [];
    }
  }

  /** The tops of the TRAIN net's layer of the same name and type, if there is one. Data layers bring rows of their own. */
  #reuse(wired: WiredLayer): readonly BlobValue[] | undefined {
    const { layer } = wired;
    const row = layerNamed(layer.type);
    const candidates = this.#built.get(keyOf(layer)) ?? [];
    const itself = candidates.find((built) => built.wired.layer === layer);
    if (itself === undefined && row?.bottoms[1] === 0) return undefined;
    const same = itself ?? candidates[0];
    if (same === undefined) return undefined;
    this.#noteDifferences(wired, same);
    return same.tops;
  }

  #noteDifferences(wired: WiredLayer, train: Built): void {
    const { layer } = wired;
    const note = (message: string): void => {
      this.#notes.add({ message: `${titleOf(layer)}: ${message}`, at: layer.at });
    };
    const line = train.wired.layer.at.line;
    if (train.wired.layer !== layer && settingsOf(layer) !== settingsOf(train.wired.layer)) {
      note(`its settings in the TEST net differ from those at line ${line} in the TRAIN net, which are kept`);
    }
    const bottoms = this.#bottoms(wired);
    const index = bottoms.findIndex((value, at) => !sameInEvaluation(value, train.bottoms[at] ?? broken));
    if (index < 0) return;
    note(`its bottom "${layer.bottoms[index]?.name}" is made another way in the TEST net; the TRAIN net's is kept`);
  }
}

function keyOf({ name, type }: LayerDefinition): string {
  return JSON.stringify([type, name]);
}

/** What decides the numbers of a layer, as text. */
function settingsOf({ settings }: LayerDefinition): string {
  const { include, exclude, top, bottom, ...rest } = settings.toData();
  return JSON.stringify(rest);
}

/** Whether two blobs hold the same numbers in evaluation, where dropout changes nothing. */
function sameInEvaluation(a: BlobValue, b: BlobValue): boolean {
  if (a.kind === "broken" || b.kind === "broken") return true;
  if (a.kind === "truth" || b.kind === "truth") return a.kind === b.kind;
  return withoutDropout(madeBy(a)) === withoutDropout(madeBy(b));
}

function madeBy(value: Extract<BlobValue, { kind: "tensor" | "scalar" }>): LayerNode {
  return value.kind === "tensor" ? value.tensor.layer : value.scalar.layer;
}

function withoutDropout(node: LayerNode): LayerNode {
  let at = node;
  for (let below = belowDropout(at); below !== undefined; below = belowDropout(at)) at = below;
  return at;
}

function belowDropout(node: LayerNode): LayerNode | undefined {
  return node.type === "dropout" ? tensorsOf(node)[0]?.layer : undefined;
}

function reportUntrained(report: LayerReport): void {
  const message = "it has weights and is part of the TEST net alone, so that nothing would train them";
  report.problem("CAFFE_PHASE_DIFFERENT", message, { hint: "give the layer the same name in both phases" });
}

function checkKind(found: { report: LayerReport; row: CaffeLayer; index: number; value: BlobValue }): void {
  const { report, row, index, value } = found;
  if (value.kind === "tensor" || value.kind === "broken" || row.truths === "any") return;
  if (value.kind === "truth" && row.truths?.[index] !== undefined) return;
  const bottom = report.layer.bottoms[index];
  const what =
    value.kind === "truth" ? "holds the labels of a data layer" : "is one number for the batch, a loss or metric";
  const message = `its bottom "${bottom?.name}" ${what}, expected the output of a layer`;
  report.problem("CAFFE_BOTTOM_INVALID", message, { at: bottom?.at ?? report.layer.at });
}
