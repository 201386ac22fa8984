import type { Problems } from "../../source/problems.js";
import { checkMessage } from "../../source/prototxt/check.js";
import type { Message } from "../../source/prototxt/message.js";
import type { TextField, TextMessage, TextPosition, TextValue } from "../../source/prototxt/tree.js";
import { messageType } from "../schema/index.js";
import { type LayerDefinition, readLayer } from "./definition.js";

/**
 * The net-level `input` fields with `input_shape` (one for each) or `input_dim` (four for each) as the Input layer that
 * they stand for; input_shape wins if both are given (BVLC/caffe src/caffe/util/upgrade_proto.cpp, UpgradeNetInput).
 */
export function readInputFields(net: Message, file: string, problems: Problems): LayerDefinition | undefined {
  const names = net.texts("input");
  const hasShapes = net.has("input_shape");
  const shapes = hasShapes
    ? net.messages("input_shape").map((shape) => shape.numbers("dim"))
    : chunksOfFour(net.numbers("input_dim"));
  const field = hasShapes ? "input_shape" : "input_dim";
  const wanted = hasShapes ? names.length : names.length * 4;
  const given = hasShapes ? shapes.length : net.numbers("input_dim").length;
  if (given !== 0 && given !== wanted) {
    const each = hasShapes ? "one" : "four";
    const message = `the net has ${names.length} input fields and ${given} of ${field}, expected ${each} for each input`;
    problems.add({ code: "CAFFE_FIELD_INVALID", message, at: net.at(field) });
    return undefined;
  }
  if (names.length === 0) return undefined;
  const message = checkMessage(layerText(net, names, shapes), messageType("LayerParameter"), "the net", {
    file,
    problems,
  });
  return readLayer(message, 0);
}

function chunksOfFour(numbers: readonly number[]): readonly (readonly number[])[] {
  return Array.from({ length: Math.ceil(numbers.length / 4) }, (_, index) => numbers.slice(4 * index, 4 * index + 4));
}

/** The Input layer as it would be written, each part at the place of the field it comes from. */
function layerText(net: Message, names: readonly string[], shapes: readonly (readonly number[])[]): TextMessage {
  const place = ({ line = 1, column = 1 }: { line?: number; column?: number }): TextPosition => ({ line, column });
  const start = place(net.at("input"));
  const text = (value: string, at: TextPosition): TextValue => ({
    kind: "string",
    text: value,
    negative: false,
    ...at,
  });
  const field = (name: string, values: readonly TextValue[], at: TextPosition): TextField => {
    return { name, colon: true, list: values.length !== 1, values, ...at };
  };
  const message = (fields: readonly TextField[], at: TextPosition): TextMessage => ({ kind: "message", fields, ...at });
  const dims = (lengths: readonly number[], at: TextPosition): TextValue[] =>
    lengths.map((length) => ({ kind: "integer", text: String(Math.abs(length)), negative: length < 0, ...at }));
  const shapeAt = place(net.at(net.has("input_shape") ? "input_shape" : "input_dim"));
  const shapeFields = shapes.map((lengths) =>
    field("shape", [message([field("dim", dims(lengths, shapeAt), shapeAt)], shapeAt)], shapeAt),
  );
  return message(
    [
      field("name", [text("input", start)], start),
      field("type", [text("Input", start)], start),
      ...names.map((name, index) =>
        field("top", [text(name, place(net.at("input", index)))], place(net.at("input", index))),
      ),
      ...(shapes.length === 0 ? [] : [field("input_param", [message(shapeFields, shapeAt)], shapeAt)]),
    ],
    start,
  );
}
