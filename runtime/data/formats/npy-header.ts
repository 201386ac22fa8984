import { sizeOf } from "../../shape.js";
import { type ElementName, elementTypes } from "../elements.js";
import { dataError } from "../problem-list.js";
import type { ArrayHeader } from "./store-array.js";

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** NumPy itself refuses longer headers unless told otherwise (`max_header_size`, 10,000 characters). */
const maxHeader = 65_536;
/** With the magic, the version and the length before it. */
export const longestNpyHeader = 12 + maxHeader;
const maxRank = 32;

/** Element types by NumPy's codes. */
const byCode: ReadonlyMap<string, ElementName> = new Map(
  Object.entries(elementTypes).map(([name, { code }]) => [code, name as ElementName]),
);

export function isNpy(bytes: Uint8Array): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

/**
 * What the header of an .npy file says (numpy.lib.format, "Format Version 1.0" to 3.0), from the first bytes of an array;
 * `title` names it in messages.
 */
export function readNpyHeader(bytes: Uint8Array, title: string): ArrayHeader {
  if (!isNpy(bytes)) throw damaged(title, "does not begin as an .npy file does");
  const major = bytes[6] ?? 0;
  if (major < 1 || major > 3) throw damaged(title, `has .npy version ${major}, expected 1, 2 or 3`);
  const lengthBytes = major === 1 ? 2 : 4;
  const start = 8 + lengthBytes;
  let length = 0;
  for (let i = lengthBytes - 1; i >= 0; i--) length = length * 256 + (bytes[8 + i] ?? 0);
  if (length > maxHeader) throw damaged(title, `claims a header of ${length} bytes, expected at most ${maxHeader}`);
  const offset = start + length;
  if (offset > bytes.length) throw damaged(title, `ends inside its header of ${length} bytes`);
  const text = Buffer.from(bytes.subarray(start, offset)).toString(major === 3 ? "utf8" : "latin1");
  return { ...readDictionary(text, title), offset };
}

/** The header is a Python dictionary of exactly three keys, written by NumPy in one of a few ways. */
function readDictionary(text: string, title: string): Omit<ArrayHeader, "offset"> {
  const descr = /["']descr["']\s*:\s*(?:["']([^"']*)["']|([[(]))/.exec(text);
  const order = /["']fortran_order["']\s*:\s*(True|False)/.exec(text);
  const shape = /["']shape["']\s*:\s*\(([^()]*)\)/.exec(text);
  if (descr === null || order === null || shape === null) {
    throw damaged(title, "has a header without descr, fortran_order and shape");
  }
  const { dtype, bigEndian } = readType(descr[1], title);
  const dims = readShape(shape[1] ?? "", title);
  const length = sizeOf(dims) * elementTypes[dtype].bytes;
  if (!Number.isSafeInteger(length)) throw damaged(title, `claims the impossible shape [${dims.join(",")}]`);
  return { shape: dims, dtype, bigEndian, fortran: order[1] === "True", length };
}

function readType(descr: string | undefined, title: string): { dtype: ElementName; bigEndian: boolean } {
  const [, order = "", code = ""] = /^([<>|=]?)(.*)$/.exec(descr ?? "") ?? [];
  const dtype = byCode.get(code);
  if (dtype !== undefined) return { dtype, bigEndian: order === ">" };
  const found = descr === undefined ? "records" : `elements of NumPy type "${descr}"`;
  const known = [...byCode.keys()].join(", ");
  throw dataError("DATA_ARRAY_UNSUPPORTED", `${title} holds ${found}, expected numbers or booleans (${known})`, {
    hint: 'convert it in Python, for example array.astype("float32")',
  });
}

function readShape(text: string, title: string): readonly number[] {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.at(-1) === "") parts.pop();
  const dims = parts.map((part) => (/^\d{1,15}L?$/.test(part) ? Number.parseInt(part, 10) : Number.NaN));
  if (dims.length > maxRank || dims.some(Number.isNaN)) {
    throw damaged(title, `has the shape (${text.slice(0, 80)}), expected whole numbers`);
  }
  return dims;
}

function damaged(title: string, text: string) {
  return dataError("DATA_FILE_DAMAGED", `${title} ${text}`);
}
