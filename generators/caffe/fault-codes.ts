import type { ErrorCode } from "../../runtime/errors.js";
import type { Fault } from "../source/fields/field.js";

/** The error codes of faults in fields. */
export const faultCodes = {
  missing: "CAFFE_FIELD_MISSING",
  invalid: "CAFFE_FIELD_INVALID",
  unsupported: "CAFFE_FIELD_UNSUPPORTED",
} as const satisfies Record<Fault, ErrorCode>;
