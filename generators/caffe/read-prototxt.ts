import type { Type } from "protobufjs";
import { ModelFileError } from "../../runtime/errors.js";
import type { Problems } from "../source/problems.js";
import { type CheckContext, checkMessage } from "../source/prototxt/check.js";
import { decodePrototxt } from "../source/prototxt/encoding.js";
import type { Message } from "../source/prototxt/message.js";
import { parseText } from "../source/prototxt/parser.js";
import type { TextMessage } from "../source/prototxt/tree.js";
import { readBytes } from "../source/read-file.js";
import { layerNamed, unbuiltNamed } from "./layers/index.js";
import { messageType } from "./schema/index.js";

/** Larger than any network's description; weights in text form would be. */
const largestFile = 16 * 2 ** 20;

/** A prototxt whose text is well-formed, before it is known what it describes. */
export interface PrototxtText {
  readonly file: string;
  readonly root: TextMessage;
  /** True where syntax problems have lost fields, so that what the rules of nets would miss says nothing. */
  readonly incomplete: boolean;
}

/** Reads a prototxt file; undefined after reporting that its braces do not match, so that nothing in it has a place. */
export async function readPrototxt(file: string, problems: Problems): Promise<PrototxtText | undefined> {
  const text = decodePrototxt(await readBytes(file, largestFile), file);
  const before = problems.count;
  const { root, unbalanced } = parseText(text, file, problems);
  return unbalanced ? undefined : { file, root, incomplete: problems.count > before };
}

/** Whether a text describes a net or a solver: by which of the two has more of its fields. */
export function kindOf({ file, root }: PrototxtText): "net" | "solver" {
  const counts = { net: 0, solver: 0 };
  for (const { name } of root.fields) {
    if (Object.hasOwn(messageType("NetParameter").fields, name)) counts.net++;
    if (Object.hasOwn(messageType("SolverParameter").fields, name)) counts.solver++;
  }
  if (counts.solver > counts.net) return "solver";
  if (counts.net > 0 || root.fields.length === 0) return "net";
  const names = [...new Set(root.fields.slice(0, 5).map(({ name }) => `"${name.slice(0, 40)}"`))].join(", ");
  throw new ModelFileError({
    code: "CAFFE_FILE_UNRECOGNISED",
    message: `the file is neither a net nor a solver of Caffe: it has the fields ${names}`,
    at: { file, line: root.fields[0]?.line ?? 1, column: root.fields[0]?.column ?? 1 },
    hint: "a net has `layer { … }` entries; a solver has `net:` and `base_lr:`",
  });
}

function writtenType(text: TextMessage): string | undefined {
  const value = text.fields.find(({ name }) => name === "type")?.values[0];
  return value?.kind === "string" ? value.text : undefined;
}

/** Fields of layers whose type Caffe does not have are passed over: the type itself is reported. */
function tolerates(type: Type, text: TextMessage): boolean {
  if (type.name !== "LayerParameter") return false;
  const written = writtenType(text);
  if (written === undefined || layerNamed(written) !== undefined) return false;
  const unbuilt = unbuiltNamed(written);
  return unbuilt === undefined || unbuilt.fork !== undefined;
}

/** Fields that people write in the wrong place or that forks have. */
const hints: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  LayerParameter: {
    blobs_lr: "`layer` writes it as param { lr_mult: … }; blobs_lr is of the old form `layers`",
    weight_decay: "`layer` writes it as param { decay_mult: … }; weight_decay is of the old form `layers`",
    source: "it belongs into data_param or the parameter of another data layer",
    batch_size: "it belongs into data_param or the parameter of another data layer",
    num_output: "it belongs into convolution_param or inner_product_param",
    kernel_size: "it belongs into convolution_param or pooling_param",
  },
  PoolingParameter: { ceil_mode: "Caffe writes it as round_mode: CEIL or FLOOR; ceil_mode is of a fork" },
  NetParameter: { net: "this is a field of a solver", base_lr: "this is a field of a solver" },
  SolverParameter: { layer: "this is a field of a net", iterations: "the number of iterations is max_iter" },
};

/** Checks a text against Caffe's message type. */
export function checkPrototxt({ file, root }: PrototxtText, kind: "net" | "solver", problems: Problems): Message {
  const context: CheckContext = {
    file,
    problems,
    tolerates,
    hintFor: (type, field) => {
      const known = Object.hasOwn(hints, type.name) ? hints[type.name] : undefined;
      return known !== undefined && Object.hasOwn(known, field) ? known[field] : undefined;
    },
  };
  return kind === "net"
    ? checkMessage(root, messageType("NetParameter"), "the net", context)
    : checkMessage(root, messageType("SolverParameter"), "the solver", context);
}
