import type { LayerNode, OptionValue, Tensor } from "../../runtime/layers/types.js";

/** What a repeated part of a network takes beside tensors, so that its uses may differ in it. */
export interface BlockParameter {
  /** `filters`, `stride`, `name`; unique in its block. */
  readonly name: string;
  /** `text` is (a part of) names of layers, `texts` a list with the name of each layer. */
  readonly kind: "text" | "texts" | "size";
  /** The value where a use leaves it out; undefined where there is none, or the layer has no number for its default. */
  readonly fallback?: OptionValue;
}

/** A layer's name in its block. */
export type BlockName =
  /** `before`, the value of the parameter, `after`. */
  | { readonly parameter: string; readonly before: string; readonly after: string }
  /** An item of the parameter, which holds all names. */
  | { readonly parameter: string; readonly item: number };

/** A value that all uses share, or `times` a parameter's (1 where the parameter is no number). */
export type BlockValue =
  | { readonly kind: "literal"; readonly value: OptionValue }
  | { readonly kind: "parameter"; readonly parameter: string; readonly times: number };

/** What a layer of a block takes: an input of the block, what an earlier layer of it gives, numbers or nothing. */
export type BlockInput =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "layer"; readonly layer: number; readonly output: number }
  | { readonly kind: "value"; readonly value: BlockValue }
  | undefined;

/** One layer of a block. */
export interface BlockLayer {
  /** The layer in the first use. */
  readonly node: LayerNode;
  readonly name: BlockName;
  readonly inputs: readonly BlockInput[];
  /** Options that are tensors. */
  readonly tensors: Readonly<Record<string, BlockInput>>;
  /** The other options, in the order of the layer's table. */
  readonly options: Readonly<Record<string, BlockValue>>;
}

/** One use of a block: which layers of the network it stands for. */
export interface BlockUse {
  /** Where its first layer stands among the network's layers; the others follow it. */
  readonly start: number;
  readonly layers: readonly LayerNode[];
  readonly inputs: readonly Tensor[];
  /** Values of parameters by name; those that are left out have their fallback. */
  readonly values: Readonly<Record<string, OptionValue>>;
}

/** A part of a network that occurs several times: a function, in whatever language it is printed. */
export interface Block {
  /** What it may be called: `bottleneck`, `inception`; not unique. */
  readonly name: string;
  /** How many tensors it takes. */
  readonly inputs: number;
  readonly parameters: readonly BlockParameter[];
  readonly layers: readonly BlockLayer[];
  /** What it gives: outputs of its layers that something after it takes, in at least one use. */
  readonly outputs: readonly { readonly layer: number; readonly output: number }[];
  /** At least two, in the order of the network. */
  readonly uses: readonly BlockUse[];
}
