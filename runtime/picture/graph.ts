import { isTensor, sampleShape } from "../layers/tensors.js";
import type { LayerNode, Network, Tensor } from "../layers/types.js";
import { visible } from "../markup.js";
import { type Card, cardOf, edgeLabelHeight, edgeLabelSize } from "./card.js";
import { widthOf } from "./text.js";

/** One tensor on its way to one layer that takes it. */
export interface PictureEdge {
  /** Positions of layers in `network.layers`. */
  readonly from: number;
  readonly to: number;
  /** The shape of a sample, the type where it is not float32, and the option that the tensor is given as. */
  readonly label: string;
  readonly width: number;
  readonly height: number;
}

/** What is drawn of a network: a card for each layer, in the network's order, and an edge for each use of a tensor. */
export interface PictureGraph {
  readonly cards: readonly Card[];
  readonly edges: readonly PictureEdge[];
  /** Layers that feed the network: they stand at the top where there is room, other sources beside their first use. */
  readonly inputs: ReadonlySet<number>;
}

/** `20×24×24`; `1` for one number a sample. */
export function formatShape({ shape, dtype }: Pick<Tensor, "shape" | "dtype">): string {
  const lengths = sampleShape(shape).map((length) => (/^\w+$/.test(`${length}`) ? `${length}` : `(${length})`));
  const text = lengths.length === 0 ? "1" : lengths.join("×");
  return dtype === "float32" ? text : `${dtype} ${text}`;
}

const longestLabel = 32;

function edgesOf(layer: LayerNode, to: number, places: ReadonlyMap<LayerNode, number>): readonly PictureEdge[] {
  const inputs = layer.inputs.filter(isTensor).map((tensor) => ["", tensor] as const);
  return [...inputs, ...Object.entries(layer.tensors)].map(([option, tensor]) => {
    const text = visible(`${option === "" ? "" : `${option} `}${formatShape(tensor)}`);
    const label = text.length > longestLabel ? `${text.slice(0, longestLabel - 1)}…` : text;
    const width = Math.ceil(widthOf(label, edgeLabelSize)) + 4;
    return { from: places.get(tensor.layer) ?? 0, to, label, width, height: edgeLabelHeight };
  });
}

export function pictureGraph(network: Network): PictureGraph {
  const places = new Map(network.layers.map((layer, place) => [layer, place]));
  const edges = network.layers.flatMap((layer, place) => edgesOf(layer, place, places));
  const uses = network.layers.map(() => new Set<number>());
  for (const { from, to } of edges) uses[from]?.add(to);
  return {
    cards: network.layers.map((layer, place) => cardOf(network, layer, uses[place]?.size ?? 0)),
    edges,
    inputs: new Set(network.inputs.map(({ layer }) => places.get(layer) ?? 0)),
  };
}
