import { endianness } from "node:os";
import type { onnx as Onnx } from "onnx-proto";
import type { ConstantData, DataType } from "./types.js";

/** TensorProto.DataType numbers (onnx.proto). */
export const dataTypes = { float32: 1, int32: 6, int64: 7, bool: 9 } as const satisfies Record<DataType, number>;

/** A stored tensor; large data are not copied. */
export function tensorProto(name: string, data: ConstantData): Onnx.ITensorProto {
  return { name, dataType: dataTypes[data.dtype], dims: [...data.shape], rawData: littleEndian(data) };
}

const bytesAnElement = { float32: 4, int32: 4, int64: 8, bool: 1 } as const;
const isLittleEndian = endianness() === "LE";

/** Elements as TensorProto.raw_data has them: little-endian, whatever the machine. */
export function littleEndian({ dtype, data }: ConstantData): Uint8Array {
  const asIs =
    (data instanceof Float32Array && dtype === "float32") || (data instanceof Int32Array && dtype === "int32");
  if (isLittleEndian && asIs && "buffer" in data) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const bytes = new Uint8Array(data.length * bytesAnElement[dtype]);
  const view = new DataView(bytes.buffer);
  const write = {
    float32: (at: number, item: number) => view.setFloat32(at, item, true),
    int32: (at: number, item: number) => view.setInt32(at, item, true),
    int64: (at: number, item: number) => view.setBigInt64(at, BigInt(item), true),
    bool: (at: number, item: number) => view.setUint8(at, item === 0 ? 0 : 1),
  }[dtype];
  for (const [index, item] of data.entries()) write(index * bytesAnElement[dtype], item);
  return bytes;
}
