import type { ByInput } from "../../../runtime/data/by-input.js";
import { ModelFileError, type Problem, type SourceRef } from "../../../runtime/errors.js";
import { input, label, type Scalar, type Tensor, target } from "../../../runtime/layers/index.js";
import { tensorsOf } from "../../../runtime/layers/tensors.js";
import type { Notes } from "../../source/problems.js";
import { layerNamed } from "../layers/index.js";
import { sampleOf } from "../layers/support.js";
import type { BlobValue, NetEnds, Prediction, SourceRequest, Truth } from "../layers/types.js";
import { type LayerDefinition, titleOf } from "./definition.js";
import { Names } from "./names.js";
import type { WiredLayer } from "./wiring.js";

export interface Loss {
  readonly scalar: Scalar;
  readonly layer: LayerDefinition;
  readonly prediction: Prediction;
}

interface Source {
  readonly value: BlobValue;
  readonly shape: readonly number[] | undefined;
  readonly layer: LayerDefinition;
}

/**
 * Whether a top of a data or input layer is what predictions are compared with: its own row says so, or every layer that
 * uses it compares with it. A layer that makes nothing has no say.
 */
function isTruth({ layer, tops }: WiredLayer, top: number): boolean {
  if (top > 0 && layerNamed(layer.type)?.bringsLabels === true) return true;
  const users = (tops[top]?.uses ?? []).flatMap(({ layer: { type }, bottom }) => {
    const row = layerNamed(type);
    return row?.tops[1] === 0 ? [] : [typeof row?.truths === "object" && row.truths[bottom] !== undefined];
  });
  return users.length > 0 && users.every((compares) => compares);
}

function isShape(shapes: ByInput<readonly number[]>): shapes is readonly number[] {
  return Array.isArray(shapes);
}

function refuse(problem: Problem): never {
  throw new ModelFileError(problem);
}

/** Collects the inputs, labels, losses and metrics of a net while its layers are built. */
export class Ends {
  readonly losses: Loss[] = [];
  readonly metrics = new Map<string, Scalar>();
  readonly inputs: Tensor[] = [];
  readonly truths: Truth[] = [];
  readonly #sources = new Map<string, Source>();
  readonly #names: Names;
  readonly #notes: Notes;
  readonly #metricNames: Names;
  readonly #inputShape: ByInput<readonly number[]> | undefined;

  constructor(parts: { names: Names; notes: Notes; inputShape: ByInput<readonly number[]> | undefined }) {
    this.#names = parts.names;
    this.#notes = parts.notes;
    this.#metricNames = new Names(parts.notes);
    // The program reports the loss under this name.
    this.#metricNames.free("loss");
    this.#inputShape = parts.inputShape;
  }

  /** The labels and targets that something is compared with. */
  get labels(): readonly Tensor[] {
    return this.truths.map(({ tensor }) => tensor).filter((tensor) => tensor !== undefined);
  }

  /** What one layer is given; a loss of the TEST net alone is left out. */
  of(wired: WiredLayer, isTest: boolean): NetEnds {
    const { layer } = wired;
    return {
      label: (truth, scores) => this.#label(truth, scores, layer),
      target: (truth, shape) => this.#target(truth, shape, layer),
      loss: (scalar, weight, prediction) => {
        if (weight === 0) this.#metric(scalar, layer);
        else if (isTest) this.#noteTestLoss(layer);
        else this.losses.push({ scalar, layer, prediction });
      },
      metric: (scalar) => this.#metric(scalar, layer),
      source: (request) => this.#source(request, wired),
    };
  }

  #label(truth: Truth, scores: Tensor, layer: LayerDefinition): Tensor {
    const places = sampleOf(scores).slice(1);
    const isVector = places.every((length) => length === 1);
    truth.tensor ??= label(this.#names.take(truth.name, truth.at), {
      at: truth.at,
      ...(isVector ? {} : { shape: places }),
    });
    if (truth.tensor.layer.type === "label") return truth.tensor;
    return this.#mixedUse(truth, layer);
  }

  #target(truth: Truth, shape: readonly number[], layer: LayerDefinition): Tensor {
    truth.tensor ??= target(this.#names.take(truth.name, truth.at), shape, { at: truth.at });
    if (truth.tensor.layer.type === "target") return truth.tensor;
    return this.#mixedUse(truth, layer);
  }

  #mixedUse({ name }: Truth, layer: LayerDefinition): never {
    const message = `${titleOf(layer)}: "${name}" is used both as class numbers and as values to come close to`;
    return refuse({ code: "CAFFE_BOTTOM_INVALID", message, at: layer.at });
  }

  #metric(scalar: Scalar, layer: LayerDefinition): void {
    const name = layer.tops[0]?.name ?? layer.name;
    const other = this.metrics.get(name);
    if (other !== undefined && sameMetric(other, scalar)) return;
    this.metrics.set(this.#metricNames.free(other === undefined ? name : layer.name), scalar);
  }

  #noteTestLoss(layer: LayerDefinition): void {
    this.#notes.add({
      message: `${titleOf(layer)}: a loss of the TEST net alone is left out; validation reports the loss of the TRAIN net`,
      at: layer.at,
    });
  }

  #source(request: SourceRequest, wired: WiredLayer): BlobValue {
    const { layer } = wired;
    const { name, at } = layer.tops[request.top] ?? { name: layer.name, at: layer.at };
    const known = this.#sources.get(name);
    if (known !== undefined) {
      this.#noteOtherShape(request, { known, name, layer });
      return known.value;
    }
    const value = isTruth(wired, request.top) ? this.#truth(name, at) : this.#input(request, { name, at, layer });
    this.#sources.set(name, { value, shape: request.shape, layer });
    return value;
  }

  #truth(name: string, at: SourceRef): BlobValue {
    const truth: Truth = { name, at };
    this.truths.push(truth);
    return { kind: "truth", truth };
  }

  #input(
    { shape }: SourceRequest,
    { name, at, layer }: { name: string; at: SourceRef; layer: LayerDefinition },
  ): BlobValue {
    const asked = this.#askedShape(name);
    const chosen = asked ?? shape;
    if (chosen === undefined || chosen.length === 0) {
      const what =
        chosen === undefined ? "the file does not say the shape of" : "no axis follows the batch in the shape of";
      return refuse({
        code: "CAFFE_INPUT_SHAPE_MISSING",
        message: `${titleOf(layer)}: ${what} its top "${name}"`,
        at: layer.at,
        hint: "give it as channels, height, width: --input-shape 1,28,28",
      });
    }
    if (asked !== undefined && shape !== undefined && asked.join() !== shape.join()) {
      const message = `${titleOf(layer)}: "${name}" has the shape ${asked.join("×")} that was asked for, not the file's ${shape.join("×")}`;
      this.#notes.add({ message, at: layer.at });
    }
    const tensor = input(this.#names.take(name, at), chosen, { at });
    this.inputs.push(tensor);
    return { kind: "tensor", tensor };
  }

  /** The shape that was asked for: one without a name is that of the first input. */
  #askedShape(name: string): readonly number[] | undefined {
    const shapes = this.#inputShape;
    if (shapes === undefined) return undefined;
    if (!isShape(shapes)) return Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    return this.inputs.length === 0 ? shapes : undefined;
  }

  /** What is known of blobs that data layers bring, by the names of the inputs that they are. */
  byInput<Value>(values: ReadonlyMap<string, Value>): Readonly<Record<string, Value>> {
    const entries = [...values].flatMap(([blob, value]): readonly [string, Value][] => {
      const source = this.#sources.get(blob)?.value;
      return source?.kind === "tensor" ? [[source.tensor.layer.name, value]] : [];
    });
    return Object.fromEntries(entries);
  }

  #noteOtherShape({ shape }: SourceRequest, found: { known: Source; name: string; layer: LayerDefinition }): void {
    const { known, name, layer } = found;
    if (shape === undefined || known.shape === undefined || shape.join() === known.shape.join()) return;
    const other = `${titleOf(known.layer)} at line ${known.layer.at.line} gives ${known.shape.join("×")}`;
    const message = `${titleOf(layer)}: "${name}" has the shape ${shape.join("×")}, but ${other}, which is kept`;
    this.#notes.add({ message, at: layer.at });
  }
}

function sameMetric(a: Scalar, b: Scalar): boolean {
  const others = tensorsOf(b.layer);
  const sameInputs = tensorsOf(a.layer).every((tensor, index) => tensor.layer === others[index]?.layer);
  return (
    a.layer.type === b.layer.type && sameInputs && JSON.stringify(a.layer.options) === JSON.stringify(b.layer.options)
  );
}
