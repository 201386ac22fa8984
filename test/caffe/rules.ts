import protobuf, { type Field as SchemaField, type Type } from "protobufjs";
import { layerNamed, layerTypes } from "../../generators/caffe/layers/index.js";
import { commonRules } from "../../generators/caffe/net/layer-rules.js";
import { netRules } from "../../generators/caffe/net/net-rules.js";
import { messageType } from "../../generators/caffe/schema/index.js";
import { solverRules } from "../../generators/caffe/solver/rules.js";
import { decodeFields } from "../../generators/source/fields/decode.js";
import type { FieldRules, MessageRules } from "../../generators/source/fields/field.js";
import { Problems } from "../../generators/source/problems.js";
import { checkMessage } from "../../generators/source/prototxt/check.js";
import { parseText } from "../../generators/source/prototxt/parser.js";

/** Every message that rows have rules for, also those inside of others, each once. */
export function allRules(): readonly MessageRules[] {
  const ofLayers = layerTypes.flatMap((type) => Object.values(layerNamed(type)?.parameters ?? {}));
  const found = new Set<MessageRules>([...ofLayers, ...Object.values(commonRules), netRules, solverRules]);
  // A set keeps the order in which rules are added while it is iterated.
  for (const { fields } of found) {
    for (const { inner } of Object.values(fields)) if (inner !== undefined) found.add(inner);
  }
  const first = new Map([...found].reverse().map((rules) => [rules.message, rules]));
  return [...first.values()].sort((a, b) => (a.message < b.message ? -1 : 1));
}

/** What decoding a message of this text finds: problems with their codes' kinds, and notes. */
export function findings(rules: MessageRules, text: string): readonly string[] {
  const problems = new Problems();
  const { root } = parseText(text, "text", problems);
  const message = checkMessage(root, messageType(rules.message), "the text", { file: "text", problems });
  problems.throwIfAny();
  const found: string[] = [];
  decodeFields(message, rules as FieldRules, {
    problem: (fault, problem) => found.push(`${fault}: ${problem}`),
    note: (note) => found.push(`note: ${note}`),
    idle: (name, reason) => found.push(`idle: ${name}: ${reason}`),
  });
  return found;
}

/** Values of a field's type: around every limit that a rule may have. */
export function valuesOf(field: SchemaField): readonly string[] {
  if (field.resolvedType instanceof protobuf.Enum) return Object.keys(field.resolvedType.values);
  if (field.resolvedType instanceof protobuf.Type) return ["{}"];
  if (field.type === "bool") return ["true", "false"];
  if (field.type === "string") return ['"x"'];
  if (field.type === "float") return ["-1", "0", "0.5", "1", "2", "inf", "nan"];
  return field.type === "uint32" ? ["0", "1", "2"] : ["-2", "-1", "0", "1", "2"];
}

export function schemaFields(type: Type): readonly SchemaField[] {
  // The typed parameters of layers are the rows' own.
  const isLayer = type.name.endsWith("LayerParameter");
  return type.fieldsArray.filter(({ name }) => !(isLayer && name.endsWith("_param")));
}
