import { nearestName } from "../../../runtime/nearest.js";
import type { Problems } from "../../source/problems.js";
import { layerNamed } from "../layers/index.js";
import { type BlobName, type LayerDefinition, titleOf } from "./definition.js";

/** One version of a blob: an in-place layer makes the next version of the same name. */
export interface Blob {
  readonly name: string;
  readonly maker: LayerDefinition;
  /** Which top of its maker it is. */
  readonly top: number;
  readonly uses: BlobUse[];
}

export interface BlobUse {
  readonly layer: LayerDefinition;
  /** Which bottom of that layer it is. */
  readonly bottom: number;
}

/** A layer with its blobs; a bottom that nothing makes is undefined, and has been reported. */
export interface WiredLayer {
  readonly layer: LayerDefinition;
  readonly bottoms: readonly (Blob | undefined)[];
  readonly tops: readonly Blob[];
}

/** After this many problems of a net the rest is reported without looking for reasons. */
const explained = 100;

/**
 * Connects the layers of one net in file order, which is the order of execution: each bottom to the last blob of its name
 * that an earlier layer made (BVLC/caffe src/caffe/net.cpp, AppendBottom and AppendTop).
 *
 * @param all the layers of the file, also those that another phase keeps
 */
export function wireLayers(
  layers: readonly LayerDefinition[],
  all: readonly LayerDefinition[],
  problems: Problems,
): readonly WiredLayer[] {
  return new Wiring(layers, all, problems).run();
}

class Wiring {
  readonly #layers: readonly LayerDefinition[];
  readonly #problems: Problems;
  readonly #current = new Map<string, Blob>();
  readonly #makers: ReadonlyMap<string, readonly LayerDefinition[]>;
  readonly #users: ReadonlyMap<string, readonly LayerDefinition[]>;
  readonly #makersAnywhere: ReadonlyMap<string, readonly LayerDefinition[]>;

  constructor(layers: readonly LayerDefinition[], all: readonly LayerDefinition[], problems: Problems) {
    this.#layers = layers;
    this.#problems = problems;
    this.#makers = byBlob(layers, "tops");
    this.#users = byBlob(layers, "bottoms");
    this.#makersAnywhere = byBlob(all, "tops");
  }

  run(): readonly WiredLayer[] {
    return this.#layers.map((layer) => {
      const bottoms = layer.bottoms.map((bottom, index) => {
        const blob = this.#current.get(bottom.name);
        if (blob === undefined) this.#reportUnknown(layer, bottom);
        else blob.uses.push({ layer, bottom: index });
        return blob;
      });
      const tops = layer.tops.map((top, index): Blob => {
        const before = this.#current.get(top.name);
        if (before !== undefined) checkRemade({ layer, top, index, before, problems: this.#problems });
        const blob: Blob = { name: top.name, maker: layer, top: index, uses: [] };
        this.#current.set(top.name, blob);
        return blob;
      });
      return { layer, bottoms, tops };
    });
  }

  #reportUnknown(layer: LayerDefinition, bottom: BlobName): void {
    const later = this.#makers.get(bottom.name)?.[0];
    const { message, hint } = later === undefined ? this.#explainUnknown(bottom) : this.#explainLater(layer, later);
    this.#problems.add({
      code: later === undefined ? "CAFFE_BOTTOM_UNKNOWN" : "CAFFE_BLOB_CYCLE",
      message: `${titleOf(layer)}: its bottom "${bottom.name}" is made ${message}`,
      at: bottom.at,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  #explainUnknown({ name }: BlobName): { readonly message: string; readonly hint: string | undefined } {
    const message = "by no earlier layer";
    if (this.#problems.count > explained) return { message, hint: undefined };
    const elsewhere = this.#makersAnywhere.get(name)?.[0];
    if (elsewhere !== undefined) {
      const where = `${titleOf(elsewhere)} at line ${elsewhere.at.line}`;
      return { message, hint: `${where} makes it, but is not part of the same phase` };
    }
    const nearest = nearestName(name, [...this.#current.keys()].slice(-1000));
    return { message, hint: nearest === undefined ? undefined : `the nearest blob is "${nearest}"` };
  }

  #explainLater(layer: LayerDefinition, later: LayerDefinition): { readonly message: string; readonly hint: string } {
    const where = `by ${titleOf(later)} at line ${later.at.line}`;
    const path = this.#problems.count > explained ? undefined : this.#pathBetween(layer, later);
    if (path === undefined) {
      const hint = "layers are executed in file order: move that layer before this one";
      return { message: `only later, ${where}`, hint };
    }
    const circle = [...path, layer].map(({ name }) => name).join(" → ");
    return { message: `${where}, which needs this layer: ${circle}`, hint: "a net has no cycles" };
  }

  /** The layers from `start` to `end` along blobs, `start` first; undefined where `end` does not need `start`. */
  #pathBetween(start: LayerDefinition, end: LayerDefinition): readonly LayerDefinition[] | undefined {
    const cameFrom = new Map<LayerDefinition, LayerDefinition | undefined>([[start, undefined]]);
    // A set keeps the order in which layers are added while it is iterated.
    const reached = new Set([start]);
    for (const layer of reached) {
      for (const user of layer.tops.flatMap(({ name }) => this.#users.get(name) ?? [])) {
        if (!cameFrom.has(user)) cameFrom.set(user, layer);
        reached.add(user);
      }
    }
    if (!cameFrom.has(end)) return undefined;
    const path: LayerDefinition[] = [];
    for (let at: LayerDefinition | undefined = end; at !== undefined; at = cameFrom.get(at)) path.unshift(at);
    return path;
  }
}

function byBlob(layers: readonly LayerDefinition[], side: "tops" | "bottoms"): Map<string, LayerDefinition[]> {
  const found = new Map<string, LayerDefinition[]>();
  for (const layer of layers) {
    for (const { name } of layer[side]) {
      const list = found.get(name);
      if (list === undefined) found.set(name, [layer]);
      else list.push(layer);
    }
  }
  return found;
}

interface Remade {
  readonly layer: LayerDefinition;
  readonly top: BlobName;
  readonly index: number;
  readonly before: Blob;
  readonly problems: Problems;
}

/** A second top of one name is right only where a layer works in place and is the only user of the blob. */
function checkRemade({ layer, top, index, before, problems }: Remade): void {
  const what = `${titleOf(layer)}: its top "${top.name}"`;
  const maker = `${titleOf(before.maker)} at line ${before.maker.at.line}`;
  const report = (message: string, hint: string): void => {
    problems.add({ code: "CAFFE_TOP_DUPLICATE", message, at: top.at, hint });
  };
  if (layer.bottoms[index]?.name !== top.name) {
    report(`${what} is made already, by ${maker}`, "give one of the two blobs another name");
    return;
  }
  const row = layerNamed(layer.type);
  // What a type outside the table does is not known; it is reported elsewhere.
  if (row !== undefined && row.inPlace !== true) {
    report(`${what} is also its bottom, but a ${layer.type} layer does not work in place`, "give its top another name");
    return;
  }
  const other = before.uses.find((use) => use.layer !== layer);
  if (other === undefined) return;
  const also = `also used by ${titleOf(other.layer)} at line ${other.layer.at.line}`;
  report(`${what} is changed in place, but the blob is ${also}`, "give the top of the in-place layer another name");
}
