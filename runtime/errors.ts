/**
 * Every failure a user can meet is a row of {@link errorCodes} and reaches them as a {@link BaseError}: what was found,
 * what was expected, where, and a hint. An error may carry several problems, so a file is reported whole.
 */

/** Where in a user's file something is. Every part is optional; `line` and `column` count from 1. */
export interface SourceRef {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** A path inside the file where lines mean little: a JSON path, a node name, an option name. */
  readonly path?: string;
}

/** Exit status of the command line for an error (style guide: 2 the user's input, 3 the run failed, 70 our bug). */
type ExitStatus = 2 | 3 | 70;

interface CodeRow {
  readonly exit: ExitStatus;
  readonly meaning: string;
}

/** The closed table of error codes, `AREA_THING_STATE`. Keep rows sorted. */
export const errorCodes = {
  CAFFE_BLOB_CYCLE: { exit: 2, meaning: "Layers need each other's blobs, or a blob is used before it is made." },
  CAFFE_BOTTOM_COUNT: { exit: 2, meaning: "A layer has another number of bottoms or tops than its type takes." },
  CAFFE_BOTTOM_INVALID: {
    exit: 2,
    meaning: "A blob cannot be the bottom of this layer, such as labels fed to a convolution.",
  },
  CAFFE_BOTTOM_UNKNOWN: { exit: 2, meaning: "A layer's bottom names a blob that no earlier layer makes." },
  CAFFE_FIELD_INVALID: {
    exit: 2,
    meaning: "A field has a value that its layer or solver does not take, or two fields exclude each other.",
  },
  CAFFE_FIELD_MISSING: { exit: 2, meaning: "A field that a layer or solver needs is not in the file." },
  CAFFE_FIELD_UNSUPPORTED: { exit: 2, meaning: "A field would change the numbers in a way that is not supported." },
  CAFFE_FILE_UNRECOGNISED: { exit: 2, meaning: "A prototxt is neither a net nor a solver." },
  CAFFE_FILLER_UNKNOWN: { exit: 2, meaning: "A filler type is unknown or not supported." },
  CAFFE_FORMAT_OLD: { exit: 2, meaning: "A net is written in Caffe's oldest form." },
  CAFFE_INPUT_SHAPE_MISSING: { exit: 2, meaning: "A net does not say the shape of its input." },
  CAFFE_LAYERS_EMPTY: { exit: 2, meaning: "A net has no layers, or none that its phase keeps." },
  CAFFE_LAYER_UNKNOWN: { exit: 2, meaning: "A layer has a type that Caffe does not have." },
  CAFFE_LAYER_UNSUPPORTED: { exit: 2, meaning: "A layer has a type that Caffe knows and this importer does not yet." },
  CAFFE_PHASE_DIFFERENT: { exit: 2, meaning: "The TRAIN and TEST nets of a file differ in a way that cannot be kept." },
  CAFFE_SOLVER_NET_MISSING: { exit: 2, meaning: "A solver names no net, several, or one that does not exist." },
  CAFFE_TOP_DUPLICATE: { exit: 2, meaning: "Two layers make a blob of the same name." },
  CLI_ARGUMENT_INVALID: { exit: 2, meaning: "A command was given too few or too many files." },
  CLI_COMMAND_UNKNOWN: { exit: 2, meaning: "No such command, or none was given." },
  CLI_OPTION_INVALID: { exit: 2, meaning: "An option has a value that it does not take." },
  CLI_OPTION_MISSING: { exit: 2, meaning: "An option that the command needs was not given." },
  CLI_OPTION_UNKNOWN: { exit: 2, meaning: "The command has no such option." },
  CLI_OUTPUT_EXISTS: { exit: 2, meaning: "A file that would be written is there already." },
  CLI_OUTPUT_NOT_EMPTY: { exit: 2, meaning: "The output directory holds files already." },
  CLI_OUTPUT_UNWRITABLE: { exit: 2, meaning: "The output directory cannot be made or written to." },
  CLI_PACKAGE_FAILED: { exit: 3, meaning: "A training package could not be compiled or its training failed." },
  CLI_PACKAGE_INVALID: { exit: 2, meaning: "A directory is not a training package that can be run." },
  CLI_SYSTEM_FAILED: { exit: 3, meaning: "The operating system refused something, such as a full disk." },
  DATA_ARRAY_MISSING: { exit: 2, meaning: "A data file has no array of the name that was asked for or expected." },
  DATA_ARRAY_UNSUPPORTED: { exit: 2, meaning: "An array holds text, objects, records or complex numbers." },
  DATA_CELL_INVALID: { exit: 2, meaning: "A cell of a CSV file is not a number, or a line has too few or too many." },
  DATA_EMPTY: { exit: 2, meaning: "A data file or an array has no rows." },
  DATA_FILE_DAMAGED: { exit: 2, meaning: "A data file ends early, goes on too long or contradicts itself." },
  DATA_FILE_MISSING: { exit: 2, meaning: "A data file does not exist or cannot be read." },
  DATA_FORMAT_UNKNOWN: { exit: 2, meaning: "A data file is of none of the known formats." },
  DATA_LABELS_INVALID: { exit: 2, meaning: "Labels are out of range or do not fit the network's label." },
  DATA_LABELS_MISSING: { exit: 2, meaning: "There are features but no labels." },
  DATA_NOT_FINITE: { exit: 2, meaning: "A value is NaN or infinite." },
  DATA_NOT_INTEGER: { exit: 2, meaning: "A column of whole numbers holds a value that is none, or is too large." },
  DATA_OPTION_INVALID: { exit: 2, meaning: "An option of a data function is out of its range." },
  DATA_ROWS_MISMATCH: { exit: 2, meaning: "Features and labels have different numbers of rows." },
  DATA_SHAPE_MISMATCH: { exit: 2, meaning: "The data do not have the shape that the network takes." },
  DATA_TOO_LARGE: { exit: 2, meaning: "The data need more memory than the machine has." },
  ENGINE_BATCH_INVALID: { exit: 3, meaning: "A feed of a batch is missing or has the wrong type or length." },
  ENGINE_CLOSED: { exit: 3, meaning: "A session was used after it was closed." },
  ENGINE_PROGRAM_INVALID: { exit: 3, meaning: "An engine cannot load a program's graphs." },
  ENGINE_RUN_FAILED: { exit: 3, meaning: "An engine failed while it executed a program." },
  ENGINE_UNAVAILABLE: { exit: 3, meaning: "The native library of an engine cannot be loaded on this machine." },
  ENGINE_UNKNOWN: { exit: 2, meaning: "An engine name is not in the engine table." },
  GRAPH_GRADIENT_MISSING: {
    exit: 2,
    meaning: "The loss depends on a parameter through an operator without a gradient.",
  },
  GRAPH_NAME_DUPLICATE: { exit: 2, meaning: "Two inputs or outputs of a graph have one name." },
  GRAPH_NODE_INVALID: { exit: 2, meaning: "An operator was given inputs or attributes that it cannot take." },
  GRAPH_OPERATOR_UNKNOWN: { exit: 2, meaning: "A graph node names an operator that is not in the operator table." },
  INTERNAL: { exit: 70, meaning: "A defect in paramserv itself; please report it." },
  LAYER_INPUT_INVALID: {
    exit: 2,
    meaning: "An input of a layer is missing, is no tensor, or has a type that the layer does not take.",
  },
  LAYER_NAME_INVALID: { exit: 2, meaning: "A layer that needs a name has none, or a name is no text." },
  LAYER_OPTION_INVALID: {
    exit: 2,
    meaning: "An option of a layer or initializer is missing or has a value that it does not take.",
  },
  LAYER_OPTION_UNKNOWN: { exit: 2, meaning: "A layer was given an option that it does not have." },
  LAYER_RANK_WRONG: { exit: 2, meaning: "An input of a layer has too few or too many axes." },
  LAYER_SHAPE_MISMATCH: { exit: 2, meaning: "The shapes that a layer is given do not fit each other or its options." },
  LAYER_SIZE_TOO_LARGE: { exit: 2, meaning: "A layer's output or parameter is larger than can be indexed." },
  LOG_DIRECTORY_UNWRITABLE: { exit: 2, meaning: "The directory for event files cannot be made or written to." },
  LOG_WRITE_FAILED: { exit: 3, meaning: "An event file could not be written any more, such as on a full disk." },
  MODEL_FILE_MISSING: { exit: 2, meaning: "The model file does not exist or cannot be read." },
  MODEL_FILE_TOO_LARGE: { exit: 2, meaning: "A model file is larger than any of its kind." },
  MODEL_FORMAT_DIFFERENT: { exit: 2, meaning: "A network was made by another version of this package." },
  MODEL_FORMAT_UNKNOWN: { exit: 2, meaning: "A model file is of none of the known formats." },
  MODEL_LOSS_MISSING: { exit: 2, meaning: "A network without a loss was to be trained." },
  MODEL_NAME_DUPLICATE: { exit: 2, meaning: "Two layers, or two things that a program names, have one name." },
  MODEL_OPTION_INVALID: { exit: 2, meaning: "An option of model() is missing or is not what it should be." },
  MODEL_OUTPUT_NEEDS_LABEL: {
    exit: 2,
    meaning: "An output of a network depends on labels, which inference does not have.",
  },
  MODEL_PARAMETERS_MISSING: { exit: 2, meaning: "A network without trainable parameters was to be trained." },
  MODEL_SIZE_TOO_LARGE: { exit: 2, meaning: "A network has more parameters than fit into one buffer." },
  MODEL_SOURCE_UNLISTED: { exit: 2, meaning: "A network depends on an input or label that it does not list." },
  MODEL_SOURCE_UNUSED: { exit: 2, meaning: "A network lists an input or label that nothing needs." },
  MODEL_WEIGHTS_DEPEND: {
    exit: 2,
    meaning: "What a row weighs in a loss or metric depends on variables, not on the data alone.",
  },
  MODEL_WEIGHTS_INVALID: { exit: 2, meaning: "Weights given for a network are missing or have the wrong shape." },
  OPTIMIZER_OPTION_INVALID: { exit: 2, meaning: "An optimizer has an option or a value that it does not take." },
  OPTIMIZER_TYPE_UNKNOWN: { exit: 2, meaning: "No optimizer of that type is in the optimizer table." },
  PACKAGE_DIRECTORY_NOT_EMPTY: { exit: 2, meaning: "A package would be generated into a directory of other files." },
  PACKAGE_FILE_EDITED: { exit: 2, meaning: "A generated file that was edited since would be overwritten." },
  PACKAGE_UNWRITABLE: { exit: 2, meaning: "A generated package cannot be written to its directory." },
  PARAMSERV_MEMORY_EXCEEDED: {
    exit: 3,
    meaning: "Model, workers and optimizer state need more shared memory than there is.",
  },
  PARAMSERV_MODEL_INVALID: { exit: 2, meaning: "The model to start from does not fit the network, or is not a model." },
  PARAMSERV_OPTION_INVALID: { exit: 2, meaning: "An option of paramserv() has a value that it does not take." },
  PARAMSERV_OPTION_MISSING: { exit: 2, meaning: "An option that paramserv() needs was not given." },
  PARAMSERV_OPTION_UNAVAILABLE: { exit: 2, meaning: "A value of an option that is known but not available yet." },
  PARAMSERV_OPTION_UNKNOWN: { exit: 2, meaning: "paramserv() has no such option." },
  PROTOCOL_CLOCK_WRONG: { exit: 70, meaning: "A worker's message carries another clock than the server expects." },
  PROTOCOL_MESSAGE_UNEXPECTED: { exit: 70, meaning: "A worker sent a message that it may not send in its phase." },
  PROTOCOL_ROWS_WRONG: { exit: 70, meaning: "A push counts other rows than the plan of the run." },
  PROTOCOL_WORKER_UNKNOWN: { exit: 70, meaning: "A message names a worker that is not part of the run." },
  PROTOTXT_FIELD_MISSING: { exit: 2, meaning: "A message lacks a required field." },
  PROTOTXT_FIELD_REPEATED: { exit: 2, meaning: "A field that takes one value is given twice." },
  PROTOTXT_FIELD_UNKNOWN: { exit: 2, meaning: "A message has no field of that name." },
  PROTOTXT_NOT_TEXT: { exit: 2, meaning: "The file is something else than prototxt." },
  PROTOTXT_SYNTAX: { exit: 2, meaning: "The text breaks the rules of protobuf's text format." },
  PROTOTXT_TOO_LARGE: { exit: 2, meaning: "A prototxt is nested too deep or has too many fields." },
  PROTOTXT_VALUE_INVALID: { exit: 2, meaning: "A value does not fit the type of its field." },
  REGRESS_CONFIG_INVALID: { exit: 2, meaning: "A regress.json has an unknown key or a value that it does not take." },
  REGRESS_FOLDER_INVALID: { exit: 2, meaning: "A folder to check does not exist or holds no model of that name." },
  RESULT_DIRECTORY_UNWRITABLE: { exit: 2, meaning: "The directory for results cannot be made or written to." },
  RESULT_WEIGHTS_INVALID: { exit: 3, meaning: "Weights to be saved do not match the network's parameters." },
  RESULT_WRITE_FAILED: { exit: 3, meaning: "A result file could not be written." },
  SAFETENSORS_INVALID: { exit: 2, meaning: "A safetensors file is damaged or holds types that are not read." },
  SCHEDULE_OPTION_INVALID: {
    exit: 2,
    meaning: "A learning-rate schedule has an option or a value that it does not take.",
  },
  SCHEDULE_POLICY_UNKNOWN: { exit: 2, meaning: "No policy of that name is in the schedule table." },
  TARGET_LAYER_UNSUPPORTED: { exit: 2, meaning: "A layer cannot be printed for the target of a conversion." },
  TARGET_UNKNOWN: { exit: 2, meaning: "A program was to be compiled for a target that is not in the target table." },
  TARGET_WEIGHTS_MISSING: { exit: 2, meaning: "A target needs trained weights that the model does not have." },
  TRAINING_DIVERGED: { exit: 3, meaning: "A loss is not a finite number any more." },
  USER_FUNCTION_FAILED: { exit: 3, meaning: "A user function threw." },
  USER_FUNCTION_INVALID: { exit: 3, meaning: "A user function returned something that is not what its contract says." },
  USER_FUNCTION_MISSING: { exit: 2, meaning: "A module cannot be loaded or does not export the function." },
  WORKER_FAILED: { exit: 3, meaning: "A worker thread ended before its work was done." },
} as const satisfies Record<string, CodeRow>;

export type ErrorCode = keyof typeof errorCodes;

export interface Problem {
  readonly code: ErrorCode;
  /** What was found and what was expected, both values, one sentence, no full stop. */
  readonly message: string;
  readonly at?: SourceRef;
  /** Advice: what to do about it. */
  readonly hint?: string;
}

/** Something that is no error: what has no effect here, was adjusted or decided. Shown, never silent. */
export type Note = Omit<Problem, "code">;

/** Prints a place as `file:line:column`, with the path inside the file in parentheses. */
export function formatSourceRef(at: SourceRef): string {
  const place = [at.file, at.line, at.column].filter((part) => part !== undefined).join(":");
  if (at.path === undefined) return place;
  return place === "" ? at.path : `${place} (${at.path})`;
}

function formatFinding(kind: string, { at, message, hint }: Note): string {
  const place = at ? formatSourceRef(at) : "";
  const head = `${place === "" ? "" : `${place} `}${kind}: ${message}`;
  return hint === undefined ? head : `${head}\n  hint: ${hint}`;
}

/** Prints a problem as `place CODE: message` and, on a second line, its hint. */
export function formatProblem(problem: Problem): string {
  return formatFinding(problem.code, problem);
}

/** Prints a note as `place note: message` and, on a second line, its hint. */
export function formatNote(note: Note): string {
  return formatFinding("note", note);
}

/** The base of all errors thrown on purpose. Recognise one with {@link isBaseError}, not `instanceof`. */
export abstract class BaseError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: Problem | readonly Problem[], options?: { cause?: unknown }) {
    const all = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem];
    super(all.map(formatProblem).join("\n"), options);
    this.name = new.target.name;
    this.problems = all;
  }

  /** The code of the first problem. */
  get code(): ErrorCode {
    return this.problems[0]?.code ?? "INTERNAL";
  }

  /** The worst exit status among the problems. */
  get exitStatus(): ExitStatus {
    const found = new Set(this.problems.map(({ code }): ExitStatus => errorCodes[code].exit));
    if (found.has(70)) return 70;
    return found.has(3) ? 3 : 2;
  }
}

/** The user's model, data or option file is at fault. */
export class ModelFileError extends BaseError {}
/** A network, graph or option cannot be compiled to a program. */
export class CompileError extends BaseError {}
/** Something failed while running: data, engine, worker, disk. */
export class RunError extends BaseError {}
/** A message broke the parameter-server protocol. */
export class ProtocolError extends BaseError {}

export function isBaseError(error: unknown): error is BaseError {
  return error instanceof Error && Array.isArray((error as Partial<BaseError>).problems) && "exitStatus" in error;
}

/** For the end of an exhaustive switch: reaching it is a defect of ours. */
export function assertNever(value: never, what: string): never {
  throw internalError(`unexpected ${what}: ${JSON.stringify(value)}`);
}

/** A broken invariant of ours. */
export function internalError(message: string): RunError {
  return new RunError({ code: "INTERNAL", message, hint: "this is a defect in paramserv; please report it" });
}
