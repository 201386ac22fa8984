import onnxProto, { type onnx as Onnx } from "onnx-proto";
import protobuf from "protobufjs/minimal.js";
import { modelProto, type OnnxOptions } from "./onnx.js";
import type { Graph } from "./types.js";

const { onnx } = onnxProto;

/** Field numbers of onnx.proto, all of them bytes or messages. */
const fields = { modelGraph: 7, graphInitializer: 5, tensorRawData: 9 } as const;
const lengthDelimited = 2;

/**
 * Serializes a graph as an ONNX model in pieces, one after the other. The elements of stored tensors are pieces of their
 * own: on little-endian machines they are the very arrays that were given, so a model of any size is not copied.
 */
export function onnxChunks(graph: Graph, options: OnnxOptions = {}): readonly Uint8Array[] {
  const { graph: content, ...model } = modelProto(graph, options);
  const { initializer, ...others } = content ?? {};
  return [
    onnx.ModelProto.encode(model).finish(),
    ...field(fields.modelGraph, [
      onnx.GraphProto.encode(others).finish(),
      ...(initializer ?? []).flatMap((tensor) => field(fields.graphInitializer, tensorChunks(tensor))),
    ]),
  ];
}

function tensorChunks({ rawData, ...others }: Onnx.ITensorProto): readonly Uint8Array[] {
  return [onnx.TensorProto.encode(others).finish(), ...field(fields.tensorRawData, [rawData ?? new Uint8Array()])];
}

/** A field with its tag and length before it. */
function field(number: number, chunks: readonly Uint8Array[]): readonly Uint8Array[] {
  const length = chunks.reduce((total, chunk) => total + chunk.byteLength, 0);
  const head = protobuf.Writer.create()
    .uint32((number << 3) | lengthDelimited)
    .uint32(length);
  return [head.finish(), ...chunks];
}
