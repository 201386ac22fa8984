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

/** Reads a record; throws a RangeError or Error of protobufjs where it is none. */
export function readDatum(bytes: Uint8Array): Datum {
  const reader = protobuf.Reader.create(bytes);
  const datum = {
    channels: 0,
    height: 0,
    width: 0,
    data: new Uint8Array(),
    floats: [] as number[],
    label: 0,
    encoded: false,
  };
  /** By the numbers of the fields. */
  const fields: Readonly<Record<number, (wire: number) => void>> = {
    1: () => void (datum.channels = reader.int32()),
    2: () => void (datum.height = reader.int32()),
    3: () => void (datum.width = reader.int32()),
    4: () => void (datum.data = reader.bytes()),
    5: () => void (datum.label = reader.int32()),
    6: (wire) => readFloats(reader, wire, datum.floats),
    7: () => void (datum.encoded = reader.bool()),
  };
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const read = fields[tag >>> 3];
    if (read === undefined) reader.skipType(tag & 7);
    else read(tag & 7);
  }
  return datum;
}

/** One number, or many of them packed. */
function readFloats(reader: protobuf.Reader, wire: number, into: number[]): void {
  if (wire !== lengthDelimited) into.push(reader.float());
  else for (const end = reader.uint32() + reader.pos; reader.pos < end; ) into.push(reader.float());
}
