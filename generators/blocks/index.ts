import { tensorsOf } from "../../runtime/layers/tensors.js";
import type { LayerNode, Network } from "../../runtime/layers/types.js";
import { buildBlock } from "./build.js";
import { chooseBlocks } from "./choose.js";
import { jointsOf } from "./joints.js";
import { findRepeats, wiringOf } from "./repeats.js";
import type { Block } from "./types.js";

export type { Block, BlockInput, BlockLayer, BlockParameter, BlockUse, BlockValue } from "./types.js";

function lastUses({ layers, inputs, labels, outputs }: Network): ReadonlyMap<string, number> {
  const positions = new Map(layers.map((layer, index) => [layer, index]));
  const key = (layer: LayerNode, output: number) => `${positions.get(layer)}.${output}`;
  const uses = new Map<string, number>();
  for (const [user, node] of layers.entries())
    for (const { layer, index } of tensorsOf(node)) uses.set(key(layer, index), user);
  const ends = [...inputs, ...labels, ...Object.values(outputs)];
  for (const { layer, index } of ends) uses.set(key(layer, index), Number.POSITIVE_INFINITY);
  return uses;
}

/**
 * Finds the parts of a network that repeat, for printing each as a function: layers that follow each other in the network,
 * at least 3 and at most 64, at two or more places, of the same types, wired the same way, with the same options but for
 * names and sizes (numbers and lists of numbers). A block takes and gives at most 3 tensors. It is taken where a function
 * and its calls are fewer lines than the layers; what spares most goes first, and blocks neither overlap nor nest. Pure and
 * deterministic, in the order of first uses.
 */
export function findBlocks(network: Network): readonly Block[] {
  const { layers } = network;
  const wiring = wiringOf(layers);
  const around = { layers, wiring, joints: jointsOf(layers, wiring), lastUse: lastUses(network) };
  const repeats = findRepeats(layers, wiring);
  return chooseBlocks(repeats, around).map((candidate) => buildBlock(candidate, around));
}
