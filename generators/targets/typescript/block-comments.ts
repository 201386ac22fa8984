import type { LayerNode, Scalar, Tensor } from "../../../runtime/layers/types.js";
import type { Block, BlockUse } from "../../blocks/index.js";
import { numberOf, placeText } from "./literals.js";
import { endsText, madeComment } from "./output-text.js";

/** The tensors that one use of a block gives, one an output of the block. */
export function outputsOf({ outputs }: Block, { layers }: BlockUse) {
  return outputs.flatMap(({ layer, output }) => {
    const node = layers[layer];
    return node === undefined ? [] : [{ node, output }];
  });
}

/** The same as ends of the network. */
function endsOf(block: Block, use: BlockUse): readonly Tensor[] {
  return outputsOf(block, use).flatMap(({ node, output }): readonly Tensor[] => {
    const type = node.outputs[output];
    return type === undefined ? [] : [{ kind: "tensor", layer: node, index: output, ...type }];
  });
}

/** `resnet.prototxt:120–190`: the lines that a use's layers stand at, where they are lines of one file. */
function placesText({ layers }: BlockUse): string {
  const places = layers.flatMap(({ at }) => (at?.file === undefined ? [] : [at]));
  const [first] = places;
  const lines = places.flatMap(({ line }) => line ?? []);
  if (first === undefined || places.some(({ file }) => file !== first.file)) return "";
  if (lines.length === 0) return placeText(first);
  const [from, to] = [Math.min(...lines), Math.max(...lines)];
  const start = placeText({ ...first, line: from });
  return from === to ? start : `${start}–${to}`;
}

/** The comment above a call of a block: `64×56×56 · 70,400 parameters · resnet.prototxt:120–190`. */
export function useComment(block: Block, use: BlockUse): string {
  return [madeComment(use.layers, endsOf(block, use)), placesText(use)].filter((part) => part !== "").join(" · ");
}

/** What the comment above a block's function says. */
export interface BlockDoc {
  readonly types: readonly LayerNode["type"][];
  readonly uses: number;
  /** The variable of the first use, what goes into it and what comes out. */
  readonly variable: string;
  readonly inputs: readonly Tensor[];
  readonly ends: readonly (Tensor | Scalar)[];
}

/** `3 layers, used 4 times: dense, relu, dropout.` and `First use, part1: 64 values → 32 values.` */
export function blockDoc({ types, uses, variable, inputs, ends }: BlockDoc) {
  return {
    summary: `${numberOf(types.length, "layer")}, used ${numberOf(uses, "time")}: ${types.join(", ")}.`,
    firstUse: `First use, ${variable}: ${endsText(inputs)} → ${endsText(ends)}.`,
  };
}

/** The comment above the function of a block. */
export function docOf(block: Block, variable: string) {
  const [first] = block.uses;
  const types = block.layers.map(({ node }) => node.type);
  const ends = first === undefined ? [] : endsOf(block, first);
  return blockDoc({ types, uses: block.uses.length, variable, inputs: first?.inputs ?? [], ends });
}
