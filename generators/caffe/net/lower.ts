import type { ByInput } from "../../../runtime/data/by-input.js";
import type { Network } from "../../../runtime/layers/index.js";
import type { DataDescription } from "../../imported.js";
import { decodeFields, silent } from "../../source/fields/decode.js";
import type { Notes, Problems } from "../../source/problems.js";
import type { Message } from "../../source/prototxt/message.js";
import { faultCodes } from "../fault-codes.js";
import { layerNamed } from "../layers/index.js";
import { NetBuilder } from "./builder.js";
import { type LayerDefinition, readLayer, titleOf } from "./definition.js";
import { readInputFields } from "./input-fields.js";
import { netRules } from "./net-rules.js";
import { makeNetwork } from "./network.js";
import { isFirstForm, readOldLayer } from "./old-layers.js";
import { readDataSettings } from "./preprocessing.js";
import { isIncluded, mergeStates, type StateSettings } from "./state.js";
import { wireLayers } from "./wiring.js";

/** More layers than any published net has by far; the bound keeps a hostile file cheap. */
const mostLayers = 20_000;

/** A net message with the file it stands in. */
export interface NetText {
  readonly message: Message;
  readonly file: string;
}

export interface NetRequest {
  readonly train: NetText;
  /** Where the TEST net is another message than the TRAIN net. */
  readonly test?: NetText;
  /** The solver's `train_state` and first `test_state`. */
  readonly trainState?: StateSettings | undefined;
  readonly testState?: StateSettings | undefined;
  readonly name: string;
  readonly inputShape: ByInput<readonly number[]> | undefined;
  readonly problems: Problems;
  readonly notes: Notes;
}

export interface LoweredNet {
  /** Undefined after reporting why there is none. */
  readonly network: Network | undefined;
  readonly data: DataDescription;
  /** Rows in a batch. */
  readonly batchsize?: number;
}

/** Lowers a net: its TRAIN phase gives layers and loss, its TEST phase the metrics and outputs beside them. */
export function lowerNet(request: NetRequest): LoweredNet {
  const { problems, notes } = request;
  const all = readLayers(request.train, request);
  const testAll = request.test === undefined ? all : readLayers(request.test, request);
  const trainState = mergeStates("TRAIN", [netState(request.train), request.trainState]);
  const testState = mergeStates("TEST", [netState(request.test ?? request.train), request.testState]);
  const phases = choosePhases(
    all.filter((layer) => isIncluded(layer, trainState)),
    testAll.filter((layer) => isIncluded(layer, testState)),
    request,
  );
  if (phases === undefined) return { network: undefined, data: { preprocessing: {} } };
  const { train, test } = phases;
  const { preprocessing, crop, mirror, ...rest } = readDataSettings(train, test, { problems, notes });
  const builder = new NetBuilder({ problems, notes, inputShape: request.inputShape });
  reportShared(train, problems);
  builder.buildTrain(wireLayers(train, all, problems));
  builder.buildTest(wireLayers(test, testAll, problems));
  const {
    name,
    train: { file },
  } = request;
  const network = makeNetwork({ name, file, builder, problems, notes });
  const changes = { ...(crop && { crop }), ...(mirror && { mirror }) };
  return {
    ...rest,
    data: { ...changes, preprocessing: builder.ends.byInput(preprocessing), layout: "channels_first" },
    network,
  };
}

function netState({ message }: NetText): StateSettings | undefined {
  return decodeFields(message, netRules, silent)?.state;
}

function readLayers({ message, file }: NetText, { problems, notes }: NetRequest): readonly LayerDefinition[] {
  const layers = message.messages("layer");
  const old = message.messages("layers");
  decodeFields(message, netRules, {
    problem: (fault, text, { code = faultCodes[fault], ...remark }) => problems.add({ code, message: text, ...remark }),
    note: (text, at) => notes.add({ message: text, at }),
    idle: (field, reason, at) => notes.add({ message: `${field} has no effect here: ${reason}`, at }),
  });
  if (layers.length + old.length > mostLayers) {
    const text = `the net has ${layers.length + old.length} layers, expected at most ${mostLayers}`;
    problems.add({ code: "PROTOTXT_TOO_LARGE", message: text, at: message.at() });
    return [];
  }
  const first = old.find(isFirstForm);
  if (first !== undefined) {
    problems.add({
      code: "CAFFE_FORMAT_OLD",
      message: "the net is in Caffe's first form (`layers { layer { … } }`), which has not been written since 2013",
      at: first.at(),
      hint: "Caffe's tool upgrade_net_proto_text writes it in the form of today",
    });
    return [];
  }
  const inputs = readInputFields(message, file, problems);
  const read = [...layers.map(readLayer), ...old.map((entry, index) => readOldLayer(entry, index))];
  return inputs === undefined ? read : [inputs, ...read];
}

interface Phases {
  readonly train: readonly LayerDefinition[];
  readonly test: readonly LayerDefinition[];
}

function hasSource(layers: readonly LayerDefinition[]): boolean {
  return layers.some(({ type }) => layerNamed(type)?.bottoms[1] === 0);
}

/** A net of one phase alone is both; a TEST net without any data is left out with a note. */
function choosePhases(
  train: readonly LayerDefinition[],
  test: readonly LayerDefinition[],
  { problems, notes, train: { file, message } }: NetRequest,
): Phases | undefined {
  const note = (text: string): void => notes.add({ message: text, at: { file } });
  if (train.length === 0 && test.length === 0) {
    if (problems.count === 0) {
      const hint = message.given.length === 0 ? "the file is empty" : "the rules of its layers keep none of them";
      problems.add({ code: "CAFFE_LAYERS_EMPTY", message: "the net has no layers", at: { file }, hint });
    }
    return undefined;
  }
  if (train.length === 0 || (!hasSource(train) && hasSource(test))) {
    note("the net has no TRAIN phase that could be built; its TEST phase is read");
    return { train: test, test: [] };
  }
  if (test.length > 0 && !hasSource(test) && hasSource(train)) {
    note("the TEST phase has no data layer and is left out: it may need a stage of the solver's test_state");
    return { train, test: [] };
  }
  return { train, test: test.length === train.length && test.every((layer, i) => layer === train[i]) ? [] : test };
}

/** Parameters of one name are shared in Caffe; that cannot be kept yet. */
function reportShared(layers: readonly LayerDefinition[], problems: Problems): void {
  const owners = new Map<string, LayerDefinition>();
  for (const layer of layers) {
    for (const { sharedName, at } of layer.parameters) {
      if (sharedName === undefined) continue;
      const owner = owners.get(sharedName);
      if (owner === undefined) owners.set(sharedName, layer);
      else {
        const other = `${titleOf(owner)} at line ${owner.at.line}`;
        const message = `${titleOf(layer)}: its param "${sharedName}" is shared with ${other}; sharing is not supported yet`;
        problems.add({ code: "CAFFE_FIELD_UNSUPPORTED", message, at });
      }
    }
  }
}
