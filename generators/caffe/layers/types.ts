import type { ErrorCode, SourceRef } from "../../../runtime/errors.js";
import type { Scalar, Tensor } from "../../../runtime/layers/index.js";
import type { FieldReport, MessageRules, Refusal } from "../../source/fields/field.js";
import type { LayerDefinition } from "../net/definition.js";

/** What a blob is in the network. */
export type BlobValue =
  | { readonly kind: "tensor"; readonly tensor: Tensor }
  /** Labels or targets: which of the two, and of what shape, the layer that compares with them says. */
  | { readonly kind: "truth"; readonly truth: Truth }
  /** One number for the batch: a loss or a metric. */
  | { readonly kind: "scalar"; readonly scalar: Scalar }
  /** Its layer could not be built; that has been reported. */
  | { readonly kind: "broken" };

/** A data blob that losses and metrics compare with. */
export interface Truth {
  readonly name: string;
  readonly at: SourceRef;
  /** Set at the first use. */
  tensor?: Tensor;
}

/** How a loss or metric compares with a truth: as class numbers, or as values of the prediction's shape. */
export type TruthKind = "classes" | "values";

/** What a layer has to do with a problem or note. */
export interface Remark {
  readonly at?: SourceRef;
  readonly hint?: string;
}

/** What the rows of the layer table are given. */
export interface LayerContext {
  readonly layer: LayerDefinition;
  /** The name of the layer in the network: the layer's own, unless it is taken. */
  readonly name: string;
  /** Where decoding leaves what it finds in the layer's fields. */
  readonly fields: FieldReport;
  /** An error of this layer: its blobs are then broken. The message is put after the layer's title. */
  problem(code: ErrorCode, message: string, remark?: Remark): void;
  /** Something understood that has no effect here or was adjusted. */
  note(message: string, remark?: Remark): void;
}

/** What makes the layer's tops from its bottoms, once both are known to be good. */
export type MakeTops = (bottoms: readonly BlobValue[], ends: NetEnds) => readonly BlobValue[];

/** Where layers leave what is not a blob for other layers. */
export interface NetEnds {
  /** The tensor of a truth, as class numbers for these scores. */
  label(truth: Truth, scores: Tensor): Tensor;
  /** The tensor of a truth, as values of this shape. */
  target(truth: Truth, shape: readonly number[]): Tensor;
  loss(loss: Scalar, weight: number, prediction: Prediction): void;
  metric(metric: Scalar): void;
  /** What a data or input layer brings; the same name in another phase is the same source. */
  source(source: SourceRequest): BlobValue;
}

/** What inference puts out in place of a loss. */
export interface Prediction {
  readonly kind: "softmax" | "identity";
  readonly tensor: Tensor;
  readonly blob: string;
}

export interface SourceRequest {
  /** Which top of its layer it is. */
  readonly top: number;
  /** One sample; undefined where the file does not say. */
  readonly shape: readonly number[] | undefined;
}

/** What a data layer says about the rows it brings. */
export interface DataFacts {
  readonly batchsize: number;
  /** One sample of its first top; undefined where the file does not say. */
  readonly shape?: readonly number[] | undefined;
  readonly scale: number;
  /** None, one number, or one a channel. */
  readonly mean: readonly number[];
  /** Whether the sample is cut out of a larger image. */
  readonly crop: boolean;
  /** Whether images are turned left to right at random. */
  readonly mirror: boolean;
}

/** One row of the layer table: how a Caffe layer becomes layers of the network. */
export interface CaffeLayer {
  /** Least and most bottoms and tops. */
  readonly bottoms: readonly [number, number];
  readonly tops: readonly [number, number];
  /** Whether the top may be the bottom. Default false. */
  readonly inPlace?: boolean;
  /** Whether it has weights, so that one that is only in the TEST net would never be trained. Default false. */
  readonly learns?: boolean;
  /** Whether its first top is a loss without asking. Default false. */
  readonly isLoss?: boolean;
  /**
   * The bottoms that may be labels or targets of a data layer, and how they are compared with, or "any" for a layer that
   * takes every blob. Default none.
   */
  readonly truths?: Readonly<Record<number, TruthKind>> | "any";
  /** Whether the tops after the first are labels whatever uses them. Default false: what uses a top says what it is. */
  readonly bringsLabels?: boolean;
  /** The typed parameters that it reads (`convolution_param`); another one in the layer has no effect. */
  readonly parameters: Readonly<Record<string, MessageRules>>;
  /** Fields of the layer itself that layers of other types may have. */
  readonly refused?: Readonly<Record<string, Refusal>>;
  /** Decodes the layer's settings and returns what builds it; undefined after reporting what is wrong with them. */
  read(context: LayerContext): MakeTops | undefined;
  /** What a data layer says about its rows; undefined where its settings are wrong, which `read` reports. */
  facts?(layer: LayerDefinition): DataFacts | undefined;
}
