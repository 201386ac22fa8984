import type { Preprocessing } from "../../imported.js";
import type { Notes, Problems } from "../../source/problems.js";
import { layerNamed } from "../layers/index.js";
import type { DataFacts } from "../layers/types.js";
import { type LayerDefinition, titleOf } from "./definition.js";

/** What the data layers of a file say about the rows, the TRAIN net's first. */
export interface DataSettings {
  /** By the name of the blob that a layer brings. */
  readonly preprocessing: ReadonlyMap<string, Preprocessing>;
  readonly batchsize?: number;
  /** Whether images are cut to the input's size, and whether they are turned at random in training. */
  readonly crop?: true;
  readonly mirror?: true;
}

interface Found {
  readonly layer: LayerDefinition;
  readonly facts: DataFacts;
}

/** The data layers of a net, with what they say. */
function dataOf(layers: readonly LayerDefinition[]): readonly Found[] {
  return layers.flatMap((layer) => {
    const facts = layerNamed(layer.type)?.facts?.(layer);
    return facts === undefined ? [] : [{ layer, facts }];
  });
}

/** y = (x − mean) · scale (caffe.proto, TransformationParameter) */
function readTransform({ layer: { settings }, facts: { scale, mean } }: Found): Preprocessing {
  if (scale === 1 && mean.length === 0) return {};
  const at = settings.messageOrDefaults("transform_param").at(scale === 1 ? "mean_value" : "scale");
  return { ...(scale === 1 ? {} : { scale }), ...(mean.length === 0 ? {} : { mean }), at };
}

/** Reads scale, mean and batch size from the data layers; what TEST says otherwise is noted. */
export function readDataSettings(
  train: readonly LayerDefinition[],
  test: readonly LayerDefinition[],
  { problems, notes }: { readonly problems: Problems; readonly notes: Notes },
): DataSettings {
  const ours = dataOf(train);
  const preprocessing = new Map<string, Preprocessing>();
  for (const found of ours) {
    checkMeans(found, problems);
    const [top] = found.layer.tops;
    if (top !== undefined) preprocessing.set(top.name, readTransform(found));
  }
  for (const theirs of dataOf(test.filter((layer) => !train.includes(layer)))) {
    const [top] = theirs.layer.tops;
    const same = ours.find(({ layer }) => layer.tops[0]?.name === top?.name);
    if (same !== undefined) noteDifferences(same, theirs, notes);
  }
  const batchsize = ours[0]?.facts.batchsize;
  return {
    preprocessing,
    ...(batchsize === undefined ? {} : { batchsize }),
    ...(ours.some(({ facts }) => facts.crop) ? { crop: true } : {}),
    ...(ours.some(({ facts }) => facts.mirror) ? { mirror: true } : {}),
  };
}

function checkMeans({ layer, facts: { mean, shape } }: Found, problems: Problems): void {
  const channels = shape?.[0];
  const means = mean.length;
  if (means <= 1 || channels === undefined || means === channels) return;
  const message = `${titleOf(layer)}: it has ${means} mean_value entries, expected 1 or one for each of ${channels} channels`;
  problems.add({
    code: "CAFFE_FIELD_INVALID",
    message,
    at: layer.settings.messageOrDefaults("transform_param").at("mean_value"),
  });
}

function noteDifferences(train: Found, test: Found, notes: Notes): void {
  const { layer, facts } = test;
  const [ours, theirs] = [readTransform(train), readTransform(test)];
  if (JSON.stringify({ ...ours, at: 0 }) !== JSON.stringify({ ...theirs, at: 0 })) {
    const message = `${titleOf(layer)}: scale and mean differ from the TRAIN net's (line ${train.layer.at.line}), which are used for both`;
    notes.add({ message, at: layer.at });
  }
  if (facts.mirror) {
    const message = `${titleOf(layer)}: mirror has no effect here: images are not turned to validate`;
    notes.add({ message, at: layer.settings.messageOrDefaults("transform_param").at("mirror") });
  }
  if (facts.batchsize === train.facts.batchsize) return;
  const message = `${titleOf(layer)}: batch_size ${facts.batchsize} has no effect here: validation uses every row once`;
  notes.add({ message, at: layer.at });
}
