import { basename } from "node:path";
import { formatSourceRef, type SourceRef } from "../../runtime/errors.js";
import type { Network } from "../../runtime/layers/types.js";
import { formatNumberOf } from "../../runtime/report/format.js";
import { sizeOf } from "../../runtime/shape.js";
import { changePairs, type Pair, tell } from "./numbers.js";
import type { TrainingRecord, VariableRecord } from "./record.js";
import type { Finding } from "./types.js";

/** A training, the stored one and the network that both are of. */
export interface TrainingPair {
  readonly found: TrainingRecord;
  readonly stored: TrainingRecord;
  readonly network: Network;
}

/** Whether two numbers are apart by more than the tolerance. */
export type Differs = (pair: Pair) => boolean;

/** Something that is other in a training. */
export function finding(message: string, at?: SourceRef): Finding {
  return { part: "training", message, ...(at === undefined ? {} : { at }) };
}

/** The layer that declares a variable, as a message names it. */
function layerOf(network: Network, variable: string): { readonly text: string; readonly at?: SourceRef } {
  const layer = network.layers.find(({ variables }) => Object.values(variables).some(({ name }) => name === variable));
  if (layer === undefined) return { text: "no layer" };
  const { name, at } = layer;
  if (at?.file === undefined) return { text: `layer ${name}` };
  return { text: `layer ${name}, ${formatSourceRef({ ...at, file: basename(at.file) })}`, at };
}

/** What is other before any update: variables, their shapes, their initial weights. */
export function compareStart({ found, stored, network }: TrainingPair, differs: Differs): readonly Finding[] {
  const names = [...new Set([...Object.keys(stored.weights), ...Object.keys(found.weights)])];
  return names.flatMap((name) => {
    const [now, before] = [found.weights[name], stored.weights[name]];
    if (before === undefined) return finding(`the variable ${name} is new`, layerOf(network, name).at);
    if (now === undefined) return finding(`the variable ${name} is not there any more`);
    if (String(now.shape) !== String(before.shape)) {
      const shapes = `[${now.shape.join(", ")}] instead of [${before.shape.join(", ")}]`;
      return finding(`the variable ${name} has shape ${shapes}`, layerOf(network, name).at);
    }
    const pair = { found: now.start, stored: before.start, count: sizeOf(now.shape) };
    if (!differs(pair)) return [];
    return finding(`${name} starts with other weights: their norm is ${tell(pair)}`, layerOf(network, name).at);
  });
}

/** Variables whose change after the first, or the last, update is another one. */
function otherChanges({ found, stored }: TrainingPair, when: "first" | "last", differs: Differs): readonly string[] {
  return Object.entries(found.weights).flatMap(([name, now]) => {
    const before: VariableRecord | undefined = stored.weights[name];
    if (before === undefined) return [];
    const pairs = changePairs(now[when], before[when], sizeOf(now.shape));
    return pairs.map(differs).includes(true) ? [name] : [];
  });
}

function changeOfNorm({ found, stored }: TrainingPair, name: string, when: "first" | "last"): string {
  const [now, before] = [found.weights[name]?.[when].norm, stored.weights[name]?.[when].norm];
  return tell({ found: now ?? Number.NaN, stored: before ?? Number.NaN });
}

/**
 * The first update is the learning rate times the gradients. They flow from the loss to the inputs, so the last variable
 * of those that differ is where they part, and what lies behind it is as it was.
 */
function gradientFindings(comparing: TrainingPair, differs: Differs): readonly Finding[] {
  const { network, found } = comparing;
  const other = otherChanges(comparing, "first", differs);
  const last = other.at(-1);
  if (last === undefined) return [];
  const all = Object.keys(found.weights);
  const { text, at } = layerOf(network, last);
  const behind = all.slice(all.indexOf(last) + 1);
  const rest = behind.length === 0 ? "" : `; ${behind[0]} and what follows it are as stored`;
  const list = `${other.slice(0, 6).join(", ")}${other.length > 6 ? " …" : ""}`;
  const message =
    `the first update changes ${other.length} of ${formatNumberOf(all.length, "variable")} otherwise (${list}): ` +
    `the gradients part at ${last} (${text}), whose change has the norm ${changeOfNorm(comparing, last, "first")}${rest}`;
  return [finding(message, at)];
}

function lastFindings(comparing: TrainingPair, differs: Differs): readonly Finding[] {
  const other = otherChanges(comparing, "last", differs);
  const [first] = other;
  if (first === undefined) return [];
  const count = formatNumberOf(Object.keys(comparing.found.weights).length, "variable");
  const norm = changeOfNorm(comparing, first, "last");
  const steps = formatNumberOf(comparing.found.settings.steps, "update");
  return [finding(`after ${steps} ${other.length} of ${count} are other ones, ${first} by a change of norm ${norm}`)];
}

/** How the weights moved otherwise: by their first gradients, and after the last update. */
export function compareWeights(comparing: TrainingPair, differs: Differs): readonly Finding[] {
  return [...gradientFindings(comparing, differs), ...lastFindings(comparing, differs)];
}
