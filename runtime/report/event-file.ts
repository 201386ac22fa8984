import protobuf from "protobufjs/minimal.js";
import { crc32c } from "./crc32c.js";

/** A number under a tag: a point of one of TensorBoard's curves. */
export interface ScalarPoint {
  readonly tag: string;
  /** Kept as a 32-bit float. */
  readonly value: number;
}

/** Field numbers and wire types of tensorflow/core/util/event.proto and tensorflow/core/framework/summary.proto. */
const tagOf = (field: number, wireType: number): number => (field << 3) | wireType;
const wire = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const;
const fields = {
  eventWallTime: tagOf(1, wire.fixed64),
  eventStep: tagOf(2, wire.varint),
  eventFileVersion: tagOf(3, wire.delimited),
  eventSummary: tagOf(5, wire.delimited),
  summaryValue: tagOf(1, wire.delimited),
  valueTag: tagOf(1, wire.delimited),
  valueSimpleValue: tagOf(2, wire.fixed32),
} as const;

/** The first record of an event file. `wallTime` in seconds since 1970. */
export function versionRecord(wallTime: number): Uint8Array {
  const event = protobuf.Writer.create().uint32(fields.eventWallTime).double(wallTime);
  return record(event.uint32(fields.eventFileVersion).string("brain.Event:2").finish());
}

/** Scalars at one step. `wallTime` in seconds since 1970; `step` a whole number from 0. */
export function scalarRecord(wallTime: number, step: number, points: readonly ScalarPoint[]): Uint8Array {
  const event = protobuf.Writer.create().uint32(fields.eventWallTime).double(wallTime);
  // proto3 leaves out zeros.
  if (step !== 0) event.uint32(fields.eventStep).int64(step);
  event.uint32(fields.eventSummary).fork();
  for (const { tag, value } of points) {
    event.uint32(fields.summaryValue).fork();
    event.uint32(fields.valueTag).string(tag).uint32(fields.valueSimpleValue).float(value).ldelim();
  }
  return record(event.ldelim().finish());
}

/**
 * A record as TFRecord files hold it: length (64 bits), masked CRC-32C of the length, data, masked CRC-32C of the data, all
 * little-endian. Source: tensorflow/core/lib/io/record_writer.h.
 */
function record(data: Uint8Array): Uint8Array {
  const framed = new Uint8Array(8 + 4 + data.length + 4);
  const view = new DataView(framed.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(crc32c(framed.subarray(0, 8))), true);
  framed.set(data, 12);
  view.setUint32(12 + data.length, masked(crc32c(data)), true);
  return framed;
}

/** Turned right by 15 bits, plus a constant: a CRC of data that hold CRCs is no good one. Source: tensorflow/core/lib/hash/crc32c.h. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
