import { basename, extname } from "node:path";
import { isBaseError, ModelFileError } from "../../runtime/errors.js";
import type { ImportedModel, Importer, ImportOptions } from "../imported.js";
import { decodeFields, silent } from "../source/fields/decode.js";
import { Notes, Problems } from "../source/problems.js";
import { type LoweredNet, lowerNet, type NetRequest, type NetText } from "./net/lower.js";
import { stateRules } from "./net/state-rules.js";
import { checkPrototxt, kindOf, type PrototxtText, readPrototxt } from "./read-prototxt.js";
import { findNets, type NetPlace } from "./solver/nets.js";
import { SolverReport } from "./solver/report.js";
import { readSolverSettings, type SolverSettings } from "./solver/settings.js";

interface Reading {
  readonly problems: Problems;
  readonly notes: Notes;
  readonly options: ImportOptions;
}

/** Caffe's nets and solvers in text form. */
export const caffeImporter: Importer = {
  describe: "a Caffe net or solver (.prototxt)",
  extensions: [".prototxt", ".pbtxt", ".prototext", ".caffemodel", ".solverstate"],
  recognises: (head) => {
    const text = new TextDecoder("utf-8").decode(head);
    return /^\s*(?:layers?\s*:?\s*\{|(?:net|train_net|base_lr|lr_policy|input)\s*:)/m.test(text);
  },
  read: async (file, options) => {
    const reading: Reading = { problems: new Problems(), notes: new Notes(), options };
    const text = await readPrototxt(file, reading.problems);
    if (text === undefined) return fail(reading);
    return kindOf(text) === "solver" ? readSolver(text, reading) : readNet(text, reading);
  },
};

function fail({ problems }: Reading): never {
  problems.throwIfAny();
  throw new ModelFileError({ code: "INTERNAL", message: "a model could not be read and no problem says why" });
}

/** The net's own name, else the file's, in one line. */
function nameOf(net: NetText): string {
  const stem = basename(net.file, extname(net.file)) || "network";
  const given = net.message.text("name").replaceAll(/\s+/g, " ").trim();
  return given === "" ? stem : given;
}

function finish(parts: { net: LoweredNet; name: string; files: readonly string[]; reading: Reading }): ImportedModel {
  const { net, name, files, reading } = parts;
  if (reading.problems.count > 0 || net.network === undefined) return fail(reading);
  return {
    format: "caffe",
    name,
    files,
    network: net.network,
    training: net.batchsize === undefined ? {} : { batchsize: net.batchsize },
    data: net.data,
    notes: reading.notes.list(),
  };
}

function readNet(text: PrototxtText, reading: Reading): ImportedModel {
  const { problems, notes, options } = reading;
  const train = { message: checkPrototxt(text, "net", problems), file: text.file };
  if (text.incomplete) return fail(reading);
  const name = nameOf(train);
  const net = lowerNet({ train, name, inputShape: options.inputShape, problems, notes });
  return finish({ net, name, files: [text.file], reading });
}

/** Reads a net that a solver names; its problems join the others. */
async function readPlace(place: NetPlace, solver: string, { problems }: Reading): Promise<NetText | undefined> {
  if (place.kind === "inline") return { message: place.message, file: solver };
  try {
    const text = await readPrototxt(place.file, problems);
    if (text === undefined) return undefined;
    const message = checkPrototxt(text, "net", problems);
    return text.incomplete ? undefined : { message, file: text.file };
  } catch (error) {
    if (!isBaseError(error) || error.code === "INTERNAL") throw error;
    problems.addAll(error.problems);
    return undefined;
  }
}

async function readSolver(text: PrototxtText, reading: Reading): Promise<ImportedModel> {
  const { problems, notes, options } = reading;
  const message = checkPrototxt(text, "solver", problems);
  if (text.incomplete) return fail(reading);
  const settings = readSolverSettings(message, new SolverReport(problems, notes));
  const nets = await findNets(message, text.file, new SolverReport(problems, notes));
  const train = nets && (await readPlace(nets.train, text.file, reading));
  const test = nets?.test && (await readPlace(nets.test, text.file, reading));
  if (train === undefined) return fail(reading);
  const name = nameOf(train);
  const request = { train, ...(test === undefined ? {} : { test }), ...statesOf(message), name, problems, notes };
  const net = lowerNet({ ...request, inputShape: options.inputShape });
  if (settings === undefined) return fail(reading);
  const larger = withIterSize(net, settings, { message, notes });
  const files = [...new Set([train.file, ...(test === undefined ? [] : [test.file]), text.file])];
  const model = finish({ net: larger, name, files, reading });
  return { ...model, training: { ...model.training, ...settings.training } };
}

/** The states that a solver gives its nets: TRAIN, and the first of TEST. */
function statesOf(solver: NetText["message"]): Pick<NetRequest, "trainState" | "testState"> {
  const [train, test] = ["train_state", "test_state"].map((field) => {
    const [state] = solver.messages(field);
    return state && decodeFields(state, stateRules, silent);
  });
  return { trainState: train, testState: test };
}

/** Summing gradients over iter_size batches and dividing by it is one batch of iter_size times the rows. */
function withIterSize(
  net: LoweredNet,
  { iterSize }: SolverSettings,
  { message, notes }: { readonly message: NetText["message"]; readonly notes: Notes },
): LoweredNet {
  if (iterSize <= 1) return net;
  const { batchsize } = net;
  const made = batchsize === undefined ? "a batch" : `${batchsize} rows`;
  notes.add({
    message: `solver: its iter_size ${iterSize} is kept by larger batches: ${iterSize} times ${made}`,
    at: message.at("iter_size"),
  });
  return batchsize === undefined ? net : { ...net, batchsize: batchsize * iterSize };
}
