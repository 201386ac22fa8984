/** Exit status of the command line for an error (style guide: 2 the user's input, 3 the run failed, 70 our bug). */
export type ExitStatus = 2 | 3 | 70;

interface CodeRow {
  readonly exit: ExitStatus;
  readonly meaning: string;
  /** What to do about it, whatever the place: the hint of a problem says more. */
  readonly remedy: string;
}

/** The closed table of error codes, `AREA_THING_STATE`. Keep rows sorted. */
export const errorCodes = {
  CAFFE_BLOB_CYCLE: {
    exit: 2,
    meaning: "Layers need each other's blobs, or a blob is used before it is made.",
    remedy: "Order the layers so that each bottom is the top of an earlier one.",
  },
  CAFFE_BOTTOM_COUNT: {
    exit: 2,
    meaning: "A layer has another number of bottoms or tops than its type takes.",
    remedy: "Give the layer the bottoms and tops of its type.",
  },
  CAFFE_BOTTOM_INVALID: {
    exit: 2,
    meaning: "A blob cannot be the bottom of this layer, such as labels fed to a convolution.",
    remedy: "Connect the layer to a blob of the kind that it takes.",
  },
  CAFFE_BOTTOM_UNKNOWN: {
    exit: 2,
    meaning: "A layer's bottom names a blob that no earlier layer makes.",
    remedy: "Correct the name, or add the layer that makes the blob.",
  },
  CAFFE_FIELD_INVALID: {
    exit: 2,
    meaning: "A field has a value that its layer or solver does not take, or two fields exclude each other.",
    remedy: "Give the field one of the values that the message names, or remove one of the two.",
  },
  CAFFE_FIELD_MISSING: {
    exit: 2,
    meaning: "A field that a layer or solver needs is not in the file.",
    remedy: "Add the field.",
  },
  CAFFE_FIELD_UNSUPPORTED: {
    exit: 2,
    meaning: "A field would change the numbers in a way that is not supported.",
    remedy: "Remove the field, or leave it at its default.",
  },
  CAFFE_FILE_UNRECOGNISED: {
    exit: 2,
    meaning: "A prototxt is neither a net nor a solver.",
    remedy: "Name a prototxt with layers or with a solver's fields.",
  },
  CAFFE_FILLER_UNKNOWN: {
    exit: 2,
    meaning: "A filler type is unknown or not supported.",
    remedy: "Use a filler that the message lists.",
  },
  CAFFE_FORMAT_OLD: {
    exit: 2,
    meaning: "A net is written in Caffe's oldest form.",
    remedy: "Convert the file with Caffe's upgrade_net_proto_text.",
  },
  CAFFE_INPUT_SHAPE_MISSING: {
    exit: 2,
    meaning: "A net does not say the shape of its input.",
    remedy: "Add the shape to the net's input, or give --input-shape.",
  },
  CAFFE_LAYERS_EMPTY: {
    exit: 2,
    meaning: "A net has no layers, or none that its phase keeps.",
    remedy: "Add layers, or correct the phases in their include and exclude rules.",
  },
  CAFFE_LAYER_UNKNOWN: {
    exit: 2,
    meaning: "A layer has a type that Caffe does not have.",
    remedy: "Correct the spelling; types are case-sensitive.",
  },
  CAFFE_LAYER_UNSUPPORTED: {
    exit: 2,
    meaning: "A layer has a type that Caffe knows and this importer does not yet.",
    remedy: "Replace the layer by types that docs/support.md lists.",
  },
  CAFFE_PHASE_DIFFERENT: {
    exit: 2,
    meaning: "The TRAIN and TEST nets of a file differ in a way that cannot be kept.",
    remedy: "Make the layers of both phases agree, or keep one phase in the file.",
  },
  CAFFE_SOLVER_NET_MISSING: {
    exit: 2,
    meaning: "A solver names no net, several, or one that does not exist.",
    remedy: "Name one existing net in the solver, by a path from the solver's folder.",
  },
  CAFFE_TOP_DUPLICATE: {
    exit: 2,
    meaning: "Two layers make a blob of the same name.",
    remedy: "Give one of the blobs another name.",
  },
  CHECKPOINT_DAMAGED: {
    exit: 2,
    meaning: "No checkpoint of a directory is what the run wrote.",
    remedy: "Copy the whole directory again, or train again.",
  },
  CHECKPOINT_EXISTS: {
    exit: 2,
    meaning: "A new run was to write its checkpoints where those of another are.",
    remedy: "Go on with that run by --resume, choose another directory, or give --force.",
  },
  CHECKPOINT_FORMAT_DIFFERENT: {
    exit: 2,
    meaning: "A checkpoint was written by another version of this package.",
    remedy: "Resume with the version of paramserv that wrote it.",
  },
  CHECKPOINT_LOCKED: {
    exit: 2,
    meaning: "Another run writes checkpoints to the directory.",
    remedy: "Wait until it has ended, or choose another directory.",
  },
  CHECKPOINT_MISSING: {
    exit: 2,
    meaning: "There is no checkpoint to go on from.",
    remedy: "Name the directory of a run that has written one; --checkpointing says when.",
  },
  CHECKPOINT_RUN_DIFFERENT: {
    exit: 2,
    meaning: "A run to be resumed differs from the one that wrote the checkpoint, so its numbers would be others.",
    remedy: "Give the network, the rows and the options of that run, or start a new one from its weights with --from.",
  },
  CHECKPOINT_WRITE_FAILED: {
    exit: 3,
    meaning: "A checkpoint could not be written; earlier ones are as they were.",
    remedy: "Remove the cause that the system names, such as a full disk, then go on with --resume.",
  },
  CLI_ARGUMENT_INVALID: {
    exit: 2,
    meaning: "A command was given too few or too many files.",
    remedy: "Give the command what its --help says.",
  },
  CLI_COMMAND_UNKNOWN: {
    exit: 2,
    meaning: "No such command, or none was given.",
    remedy: "Use a command that paramserv --help lists.",
  },
  CLI_CONFIG_INVALID: {
    exit: 2,
    meaning: "A configuration file cannot be read, or holds no object of options.",
    remedy: "Correct the file: docs/options.md lists what it may hold.",
  },
  CLI_OPTION_INVALID: {
    exit: 2,
    meaning: "An option has a value that it does not take.",
    remedy: "Give the option a value that the message names.",
  },
  CLI_OPTION_MISSING: {
    exit: 2,
    meaning: "An option that the command needs was not given.",
    remedy: "Give the option.",
  },
  CLI_OPTION_UNKNOWN: {
    exit: 2,
    meaning: "The command has no such option.",
    remedy: "Correct the option; the command's --help lists all.",
  },
  CLI_OUTPUT_EXISTS: {
    exit: 2,
    meaning: "A file that would be written is there already.",
    remedy: "Write to another file, or over this one with --force.",
  },
  CLI_OUTPUT_NOT_EMPTY: {
    exit: 2,
    meaning: "The output directory holds files already.",
    remedy: "Choose another directory, or give --force where the command has it.",
  },
  CLI_OUTPUT_UNWRITABLE: {
    exit: 2,
    meaning: "The output directory cannot be made or written to.",
    remedy: "Choose a directory that you may write to.",
  },
  CLI_PACKAGE_FAILED: {
    exit: 3,
    meaning: "A training package could not be compiled or its training failed.",
    remedy: "Read what the package said above the error, and mend its code.",
  },
  CLI_PACKAGE_INVALID: {
    exit: 2,
    meaning: "A directory is not a training package that can be run.",
    remedy: "Name a directory that convert wrote, and run npm install there.",
  },
  CLI_SYSTEM_FAILED: {
    exit: 3,
    meaning: "The operating system refused something, such as a full disk.",
    remedy: "Remove the cause that the system names, such as a full disk, and run again.",
  },
  DATA_ARRAY_MISSING: {
    exit: 2,
    meaning: "A data file has no array of the name that was asked for or expected.",
    remedy: "Name the array with --input NAME=ARRAY or --label NAME=ARRAY.",
  },
  DATA_ARRAY_UNSUPPORTED: {
    exit: 2,
    meaning: "An array holds text, objects, records or complex numbers.",
    remedy: "Save the array as numbers.",
  },
  DATA_CELL_INVALID: {
    exit: 2,
    meaning: "A cell of a CSV file is not a number, or a line has too few or too many.",
    remedy: "Mend the line of the CSV file.",
  },
  DATA_EMPTY: { exit: 2, meaning: "A data file or an array has no rows.", remedy: "Save at least one row." },
  DATA_FILE_DAMAGED: {
    exit: 2,
    meaning: "A data file ends early, goes on too long or contradicts itself.",
    remedy: "Save or download the file again.",
  },
  DATA_FILE_MISSING: {
    exit: 2,
    meaning: "A data file does not exist or cannot be read.",
    remedy: "Correct the path, or the permissions of the file.",
  },
  DATA_FORMAT_UNKNOWN: {
    exit: 2,
    meaning: "A data file is of none of the known formats.",
    remedy: "Save the data as .npz, .npy, IDX or CSV.",
  },
  DATA_LABELS_INVALID: {
    exit: 2,
    meaning: "Labels are out of range or do not fit the network's label.",
    remedy: "Number the classes from 0 and below the network's count.",
  },
  DATA_LABELS_MISSING: {
    exit: 2,
    meaning: "There are features but no labels.",
    remedy: "Add labels to the file, or name a file of labels.",
  },
  DATA_LOADER_FAILED: {
    exit: 3,
    meaning: "A thread that makes batches ahead of a worker ended, or could not make one.",
    remedy:
      "Read the text of the thread's end; give the process more memory if it ran out, or train with --prefetch 0.",
  },
  DATA_NOT_FINITE: {
    exit: 2,
    meaning: "A value is NaN or infinite.",
    remedy: "Remove or replace the values that are NaN or infinite.",
  },
  DATA_NOT_INTEGER: {
    exit: 2,
    meaning: "A column of whole numbers holds a value that is none, or is too large.",
    remedy: "Save whole numbers within 32 bits.",
  },
  DATA_OPTION_INVALID: {
    exit: 2,
    meaning: "An option of a data function is out of its range.",
    remedy: "Give the option a value in the range that the message names.",
  },
  DATA_PACKAGE_MISSING: {
    exit: 2,
    meaning: "Data of a format need an optional package, and it cannot be loaded on this machine.",
    remedy: "Install the package that the message names, or give the data in another format.",
  },
  DATA_ROWS_MISMATCH: {
    exit: 2,
    meaning: "Features and labels have different numbers of rows.",
    remedy: "Save one label for each row of features.",
  },
  DATA_SHAPE_MISMATCH: {
    exit: 2,
    meaning: "The data do not have the shape that the network takes.",
    remedy: "Give rows of the network's shape, or say how they lie with --sample-shape.",
  },
  DATA_TOO_LARGE: {
    exit: 2,
    meaning: "The data need more memory than the machine has.",
    remedy: "Train on fewer rows, or on a machine with more memory.",
  },
  ENGINE_BATCH_INVALID: {
    exit: 3,
    meaning: "A feed of a batch is missing or has the wrong type or length.",
    remedy: "Give the session every feed of the program, with its type and length.",
  },
  ENGINE_CLOSED: { exit: 3, meaning: "A session was used after it was closed.", remedy: "Open a new session." },
  ENGINE_PROGRAM_INVALID: {
    exit: 3,
    meaning: "An engine cannot load a program's graphs.",
    remedy: "Compile the network again for this engine; report it if it stays.",
  },
  ENGINE_RUN_FAILED: {
    exit: 3,
    meaning: "An engine failed while it executed a program.",
    remedy: "Read the engine's text; report it if the data fit the network.",
  },
  ENGINE_UNAVAILABLE: {
    exit: 3,
    meaning: "The native library of an engine cannot be loaded on this machine.",
    remedy: "Run npm install onnxruntime-node --ignore-scripts.",
  },
  ENGINE_UNKNOWN: {
    exit: 2,
    meaning: "An engine name is not in the engine table.",
    remedy: "Use an engine that the message lists.",
  },
  GRAPH_GRADIENT_MISSING: {
    exit: 2,
    meaning: "The loss depends on a parameter through an operator without a gradient.",
    remedy: "Replace the operator, or freeze the variables behind it.",
  },
  GRAPH_NAME_DUPLICATE: {
    exit: 2,
    meaning: "Two inputs or outputs of a graph have one name.",
    remedy: "Give one of the two another name.",
  },
  GRAPH_NODE_INVALID: {
    exit: 2,
    meaning: "An operator was given inputs or attributes that it cannot take.",
    remedy: "Give the operator the inputs and attributes of its signature.",
  },
  GRAPH_OPERATOR_UNKNOWN: {
    exit: 2,
    meaning: "A graph node names an operator that is not in the operator table.",
    remedy: "Use an operator that docs/support.md lists.",
  },
  INTERNAL: {
    exit: 70,
    meaning: "A defect in paramserv itself; please report it.",
    remedy: "Report it, with the model and the text printed by --debug.",
  },
  LAYER_INPUT_INVALID: {
    exit: 2,
    meaning: "An input of a layer is missing, is no tensor, or has a type that the layer does not take.",
    remedy: "Give the layer a tensor of a type that the message names.",
  },
  LAYER_NAME_INVALID: {
    exit: 2,
    meaning: "A layer that needs a name has none, or a name is no text.",
    remedy: "Give the layer a name, a text that is not empty.",
  },
  LAYER_OPTION_INVALID: {
    exit: 2,
    meaning: "An option of a layer or initializer is missing or has a value that it does not take.",
    remedy: "Give the option a value that the message names.",
  },
  LAYER_OPTION_UNKNOWN: {
    exit: 2,
    meaning: "A layer was given an option that it does not have.",
    remedy: "Correct the option; docs/support.md lists those of each layer.",
  },
  LAYER_RANK_WRONG: {
    exit: 2,
    meaning: "An input of a layer has too few or too many axes.",
    remedy: "Give the layer a tensor with as many axes as it takes, such as by flatten or reshape.",
  },
  LAYER_SHAPE_MISMATCH: {
    exit: 2,
    meaning: "The shapes that a layer is given do not fit each other or its options.",
    remedy: "Change the layer's options or the shapes before it so that they fit.",
  },
  LAYER_SIZE_TOO_LARGE: {
    exit: 2,
    meaning: "A layer's output or parameter is larger than can be indexed.",
    remedy: "Make the layer smaller.",
  },
  LOG_DIRECTORY_UNWRITABLE: {
    exit: 2,
    meaning: "The directory for event files cannot be made or written to.",
    remedy: "Choose a directory that you may write to, or change its permissions.",
  },
  LOG_WRITE_FAILED: {
    exit: 3,
    meaning: "An event file could not be written any more, such as on a full disk.",
    remedy: "Make room; the training itself goes on and keeps its result.",
  },
  MODEL_FILE_MISSING: {
    exit: 2,
    meaning: "The model file does not exist or cannot be read.",
    remedy: "Correct the path, or the permissions of the file.",
  },
  MODEL_FILE_TOO_LARGE: {
    exit: 2,
    meaning: "A model file is larger than any of its kind.",
    remedy: "Name the model's own file, not its weights or data.",
  },
  MODEL_FORMAT_DIFFERENT: {
    exit: 2,
    meaning: "A network was made by another version of this package.",
    remedy: "Use one version of paramserv for the whole program.",
  },
  MODEL_FORMAT_UNKNOWN: {
    exit: 2,
    meaning: "A model file is of none of the known formats.",
    remedy: "Name a file of a format that docs/support.md lists.",
  },
  MODEL_LOSS_MISSING: {
    exit: 2,
    meaning: "A network without a loss was to be trained.",
    remedy: "Add a loss to the network.",
  },
  MODEL_NAME_DUPLICATE: {
    exit: 2,
    meaning: "Two layers, or two things that a program names, have one name.",
    remedy: "Give one of the two another name.",
  },
  MODEL_OPTION_INVALID: {
    exit: 2,
    meaning: "An option of model() is missing or is not what it should be.",
    remedy: "Give the option what the message says.",
  },
  MODEL_OUTPUT_NEEDS_LABEL: {
    exit: 2,
    meaning: "An output of a network depends on labels, which inference does not have.",
    remedy: "Put out a tensor that inputs alone decide.",
  },
  MODEL_PARAMETERS_MISSING: {
    exit: 2,
    meaning: "A network without trainable parameters was to be trained.",
    remedy: "Add a layer with trainable variables, or give some a multiplier above 0.",
  },
  MODEL_SIZE_TOO_LARGE: {
    exit: 2,
    meaning: "A network has more parameters than fit into one buffer.",
    remedy: "Make the network smaller.",
  },
  MODEL_SOURCE_UNLISTED: {
    exit: 2,
    meaning: "A network depends on an input or label that it does not list.",
    remedy: "Add it to inputs or labels.",
  },
  MODEL_SOURCE_UNUSED: {
    exit: 2,
    meaning: "A network lists an input or label that nothing needs.",
    remedy: "Remove it from inputs or labels, or use it.",
  },
  MODEL_WEIGHTS_DEPEND: {
    exit: 2,
    meaning: "What a row weighs in a loss or metric depends on variables, not on the data alone.",
    remedy: "Compute weights of rows from inputs and labels only.",
  },
  MODEL_WEIGHTS_INVALID: {
    exit: 2,
    meaning: "Weights given for a network are missing or have the wrong shape.",
    remedy: "Give every variable of the network an array of its shape.",
  },
  OPTIMIZER_GROUP_UNMATCHED: {
    exit: 2,
    meaning: "A group of an optimizer names a variable that the model does not train.",
    remedy: "Name a variable of the message's hint; * stands for any characters.",
  },
  OPTIMIZER_OPTION_INVALID: {
    exit: 2,
    meaning: "An optimizer has an option or a value that it does not take.",
    remedy: "Give the option a value that the message names.",
  },
  OPTIMIZER_TYPE_UNKNOWN: {
    exit: 2,
    meaning: "No optimizer of that type is in the optimizer table.",
    remedy: "Use an optimizer that docs/support.md lists.",
  },
  PACKAGE_DIRECTORY_NOT_EMPTY: {
    exit: 2,
    meaning: "A package would be generated into a directory of other files.",
    remedy: "Choose another directory, or give --force.",
  },
  PACKAGE_FILE_EDITED: {
    exit: 2,
    meaning: "A generated file that was edited since would be overwritten.",
    remedy: "Keep your edits elsewhere, or give --force to lose them.",
  },
  PACKAGE_UNWRITABLE: {
    exit: 2,
    meaning: "A generated package cannot be written to its directory.",
    remedy: "Choose a directory that you may write to.",
  },
  PARAMSERV_MEMORY_EXCEEDED: {
    exit: 3,
    meaning: "Model, workers and optimizer state need more shared memory than there is.",
    remedy: "Train with fewer workers or a smaller network.",
  },
  PARAMSERV_MODEL_INVALID: {
    exit: 2,
    meaning: "The model to start from does not fit the network, or is not a model.",
    remedy: "Start from a model of this network.",
  },
  PARAMSERV_OPTION_INVALID: {
    exit: 2,
    meaning: "An option of paramserv() has a value that it does not take.",
    remedy: "Give the option a value that the message names.",
  },
  PARAMSERV_OPTION_MISSING: {
    exit: 2,
    meaning: "An option that paramserv() needs was not given.",
    remedy: "Give the option.",
  },
  PARAMSERV_OPTION_UNKNOWN: {
    exit: 2,
    meaning: "paramserv() has no such option.",
    remedy: "Correct the name of the option.",
  },
  PROTOCOL_CLOCK_WRONG: {
    exit: 70,
    meaning: "A worker's message carries another clock than the server expects.",
    remedy: "Run the same version on every worker; report it otherwise.",
  },
  PROTOCOL_FENCED: {
    exit: 3,
    meaning: "A worker that was held to be lost, or has come back anew, still sends messages.",
    remedy: "Let the worker join again under its next incarnation; give slow workers a longer deadline.",
  },
  PROTOCOL_MESSAGE_INVALID: {
    exit: 70,
    meaning: "A message of the protocol lacks a field, or has one with a value that it cannot have.",
    remedy: "Run the same version on every worker; report it otherwise.",
  },
  PROTOCOL_MESSAGE_UNEXPECTED: {
    exit: 70,
    meaning: "A worker sent a message that it may not send in its phase.",
    remedy: "Run the same version on every worker; report it otherwise.",
  },
  PROTOCOL_ROWS_WRONG: {
    exit: 70,
    meaning: "A push counts other rows than the plan of the run.",
    remedy: "Run the same version on every worker; report it otherwise.",
  },
  PROTOCOL_RUN_ENDED: {
    exit: 3,
    meaning: "A worker joins a run that has ended.",
    remedy: "Start the worker before the run ends.",
  },
  PROTOCOL_SEQUENCE_WRONG: {
    exit: 70,
    meaning: "A worker's message is not the next that is expected of it: one before was lost.",
    remedy: "Run the same version on every worker; report it otherwise.",
  },
  PROTOCOL_SLOT_UNKNOWN: {
    exit: 70,
    meaning: "A message names a slot that the run does not have.",
    remedy: "Run the same version on every worker; report it otherwise.",
  },
  PROTOCOL_WORKERS_TOO_MANY: {
    exit: 3,
    meaning: "More workers join than a run has work for.",
    remedy: "Start fewer workers.",
  },
  PROTOCOL_WORKER_UNKNOWN: {
    exit: 70,
    meaning: "A message names a worker that is not part of the run.",
    remedy: "Run the same version on every worker; report it otherwise.",
  },
  PROTOTXT_FIELD_MISSING: { exit: 2, meaning: "A message lacks a required field.", remedy: "Add the field." },
  PROTOTXT_FIELD_REPEATED: {
    exit: 2,
    meaning: "A field that takes one value is given twice.",
    remedy: "Keep one of the two.",
  },
  PROTOTXT_FIELD_UNKNOWN: {
    exit: 2,
    meaning: "A message has no field of that name.",
    remedy: "Correct the spelling, or remove the field.",
  },
  PROTOTXT_NOT_TEXT: {
    exit: 2,
    meaning: "The file is something else than prototxt.",
    remedy: "Name a text file: a .caffemodel holds weights, its prototxt the net.",
  },
  PROTOTXT_SYNTAX: {
    exit: 2,
    meaning: "The text breaks the rules of protobuf's text format.",
    remedy: "Mend the text at the place.",
  },
  PROTOTXT_TOO_LARGE: {
    exit: 2,
    meaning: "A prototxt is nested too deep or has too many fields.",
    remedy: "Split the file, or remove what nests so deep.",
  },
  PROTOTXT_VALUE_INVALID: {
    exit: 2,
    meaning: "A value does not fit the type of its field.",
    remedy: "Give the field a value of its type.",
  },
  REGRESS_CONFIG_INVALID: {
    exit: 2,
    meaning: "A regress.json has an unknown key or a value that it does not take.",
    remedy: "Correct the key or value: docs/regress.md lists them.",
  },
  REGRESS_FOLDER_INVALID: {
    exit: 2,
    meaning: "A folder to check does not exist or holds no model of that name.",
    remedy: "Give a folder that holds model files.",
  },
  RESULT_DIRECTORY_UNWRITABLE: {
    exit: 2,
    meaning: "The directory for results cannot be made or written to.",
    remedy: "Choose a directory that you may write to.",
  },
  RESULT_FILE_DAMAGED: {
    exit: 2,
    meaning: "A file of a result folder is not what the run wrote.",
    remedy: "Train again, or copy the folder again.",
  },
  RESULT_FILE_MISSING: {
    exit: 2,
    meaning: "A result folder lacks a file, or a directory is no result folder.",
    remedy: "Name a folder that train or a package wrote.",
  },
  RESULT_FORMAT_DIFFERENT: {
    exit: 2,
    meaning: "A result folder was written by another version of this package.",
    remedy: "Read the folder with the version of paramserv that wrote it.",
  },
  RESULT_SPLIT_DIFFERENT: {
    exit: 2,
    meaning: "The rows that a training held out are not known, or of another file.",
    remedy: "Name the data file of the training, or evaluate all rows.",
  },
  RESULT_WEIGHTS_INVALID: {
    exit: 3,
    meaning: "Weights to be saved do not match the network's parameters.",
    remedy: "Give every variable of the network an array of its shape.",
  },
  RESULT_WRITE_FAILED: {
    exit: 3,
    meaning: "A result file could not be written.",
    remedy: "Remove the cause that the system names, such as a full disk, and save again.",
  },
  SAFETENSORS_INVALID: {
    exit: 2,
    meaning: "A safetensors file is damaged or holds types that are not read.",
    remedy: "Save the file again, as float32.",
  },
  SCHEDULE_OPTION_INVALID: {
    exit: 2,
    meaning: "A learning-rate schedule has an option or a value that it does not take.",
    remedy: "Give the option a value that the message names.",
  },
  SCHEDULE_POLICY_UNKNOWN: {
    exit: 2,
    meaning: "No policy of that name is in the schedule table.",
    remedy: "Use a policy that docs/support.md lists.",
  },
  TARGET_LAYER_UNSUPPORTED: {
    exit: 2,
    meaning: "A layer cannot be printed for the target of a conversion.",
    remedy: "Replace the layer, or convert for another target.",
  },
  TARGET_UNKNOWN: {
    exit: 2,
    meaning: "A program was to be compiled for a target that is not in the target table.",
    remedy: "Use a target that docs/support.md lists.",
  },
  TARGET_WEIGHTS_MISSING: {
    exit: 2,
    meaning: "A target needs trained weights that the model does not have.",
    remedy: "Give weights for the network.",
  },
  TRAINING_DIVERGED: {
    exit: 3,
    meaning: "A loss is not a finite number any more.",
    remedy: "Lower the learning rate, or scale the data.",
  },
  USER_FUNCTION_FAILED: {
    exit: 3,
    meaning: "A user function threw.",
    remedy: "Mend the function; --debug shows where it threw.",
  },
  USER_FUNCTION_HUNG: {
    exit: 3,
    meaning: "A user function did not return in time.",
    remedy: "Mend the function, or allow it more time with --timeout.",
  },
  USER_FUNCTION_INVALID: {
    exit: 3,
    meaning: "A user function returned something that is not what its contract says.",
    remedy: "Return what the message says.",
  },
  USER_FUNCTION_MISSING: {
    exit: 2,
    meaning: "A module cannot be loaded or does not export the function.",
    remedy: "Correct the module's path, or export the function.",
  },
  WORKER_FAILED: {
    exit: 3,
    meaning: "A worker thread ended before its work was done.",
    remedy: "Read the text of the thread's end; give the process more memory if it ran out.",
  },
  WORKER_LATE: {
    exit: 3,
    meaning: "A worker did not finish a piece of work within its deadline, too often.",
    remedy: "Give the work a longer deadline, or the worker a faster machine.",
  },
  WORKER_MISSING: {
    exit: 3,
    meaning: "No worker came for the work of a run within the deadline.",
    remedy: "Start workers, or give them more time to come.",
  },
  WORKER_SILENT: {
    exit: 3,
    meaning: "A worker gave no sign of life within the deadline, too often.",
    remedy: "See whether the worker's machine and its connection are up.",
  },
} as const satisfies Record<string, CodeRow>;

export type ErrorCode = keyof typeof errorCodes;
