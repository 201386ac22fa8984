import type { Preprocessing } from "../../imported.js";
import type { Problems } from "../../source/problems.js";
import type { Message } from "../../source/prototxt/message.js";
import { type DataFacts, dataFacts } from "../layers/data.js";
import { type LayerDefinition, titleOf } from "./definition.js";

/** What the data layers of a file say about the rows, the TRAIN net's first. */
export interface DataSettings {
  readonly preprocessing: Preprocessing;
  readonly batchsize?: number;
}

interface Found {
  readonly layer: LayerDefinition;
  readonly facts: DataFacts;
}

function dataOf(layers: readonly LayerDefinition[]): Found | undefined {
  for (const layer of layers) {
    const facts = dataFacts(layer);
    if (facts !== undefined) return { layer, facts };
  }
  return undefined;
}

/** y = (x − mean) · scale (caffe.proto, TransformationParameter) */
function readTransform(transform: Message | undefined): Preprocessing {
  const scale = transform?.number("scale") ?? 1;
  const mean = transform?.numbers("mean_value") ?? [];
  return { ...(scale === 1 ? {} : { scale }), ...(mean.length === 0 ? {} : { mean }) };
}

/** Reads scale, mean and batch size from the data layers; what TEST says otherwise is noted. */
export function readDataSettings(
  train: readonly LayerDefinition[],
  test: readonly LayerDefinition[],
  { problems, notes }: { readonly problems: Problems; readonly notes: Problems },
): DataSettings {
  const ours = dataOf(train);
  if (ours === undefined) return { preprocessing: {} };
  const { layer, facts } = ours;
  const preprocessing = readTransform(facts.transform);
  const channels = facts.shape?.[0];
  const means = preprocessing.mean?.length ?? 0;
  if (means > 1 && channels !== undefined && means !== channels) {
    const message = `${titleOf(layer)}: it has ${means} mean_value entries, expected 1 or one for each of ${channels} channels`;
    problems.add({ code: "CAFFE_FIELD_INVALID", message, at: facts.transform?.at("mean_value") ?? layer.at });
  }
  const theirs = dataOf(test.filter((candidate) => candidate !== layer && !train.includes(candidate)));
  if (theirs !== undefined) noteDifferences(ours, theirs, notes);
  return { preprocessing, ...(facts.batchsize === undefined ? {} : { batchsize: facts.batchsize }) };
}

function noteDifferences(train: Found, test: Found, notes: Problems): void {
  const { layer, facts } = test;
  const [ours, theirs] = [readTransform(train.facts.transform), readTransform(facts.transform)];
  if (JSON.stringify(ours) !== JSON.stringify(theirs)) {
    const message = `${titleOf(layer)}: scale and mean differ from the TRAIN net's (line ${train.layer.at.line}), which are used for both`;
    notes.add({ code: "CAFFE_PHASE_DIFFERENT", message, at: layer.at });
  }
  if (facts.batchsize === undefined || facts.batchsize === train.facts.batchsize) return;
  const message = `${titleOf(layer)}: batch_size ${facts.batchsize} has no effect here: validation uses every row once`;
  notes.add({ code: "CAFFE_FIELD_IGNORED", message, at: layer.at });
}
