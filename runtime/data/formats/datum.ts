import protobuf from "protobufjs/minimal.js";

/** Caffe's record of one row (caffe.proto, Datum). */
export interface Datum {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Pixels `[channels, height, width]`, or an encoded picture. A view of the record. */
  readonly data: Uint8Array;
  /** Instead of `data`. */
  readonly floats: readonly number[];
  readonly label: number;
  readonly encoded: boolean;
}

const lengthDelimited = 2;
/** The numbers of the fields. */
const numberFields: Readonly<Record<number, "channels" | "height" | "width" | "label">> = {
  ...{ 1: "channels", 2: "height", 3: "width", 5: "label" },
};
const [dataField, floatField, encodedField] = [4, 6, 7];

/** Reads a record; throws a RangeError or Error of protobufjs where it is none. */
export function readDatum(bytes: Uint8Array): Datum {
  const reader = protobuf.Reader.create(bytes);
  const numbers = { channels: 0, height: 0, width: 0, label: 0 };
  const floats: number[] = [];
  let [data, encoded]: [Uint8Array, boolean] = [new Uint8Array(), false];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const name = numberFields[tag >>> 3];
    if (name !== undefined) numbers[name] = reader.int32();
    else if (tag >>> 3 === dataField) data = reader.bytes();
    else if (tag >>> 3 === floatField) readFloats(reader, tag & 7, floats);
    else if (tag >>> 3 === encodedField) encoded = reader.bool();
    else reader.skipType(tag & 7);
  }
  return { ...numbers, data, floats, encoded };
}

/** One number, or many of them packed. */
function readFloats(reader: protobuf.Reader, wire: number, into: number[]): void {
  if (wire !== lengthDelimited) into.push(reader.float());
  else for (const end = reader.uint32() + reader.pos; reader.pos < end; ) into.push(reader.float());
}
