import { zipSync } from "fflate";
import type { NDArray } from "../../runtime/array.js";
import { littleEndian } from "../../runtime/graph/onnx-tensor.js";
import type { Predictions } from "./predict-rows.js";
import { holdsScores, topClasses } from "./top-classes.js";

/** The arrays to write: each output by its name, with `top` also `prob_top` (classes, int32) and `prob_top_scores`. */
export function npzArrays(outputs: Predictions, top: number | undefined): Readonly<Record<string, NDArray>> {
  const arrays = new Map<string, NDArray>(outputs);
  for (const [name, output] of top === undefined ? [] : outputs) {
    if (!holdsScores(output)) continue;
    const { classes, scores } = topClasses(output, top ?? 1);
    arrays.set(`${name}_top`, classes).set(`${name}_top_scores`, scores);
  }
  return Object.fromEntries(arrays);
}

/** NumPy's .npz, not compressed. The same arrays give the same bytes. */
export function npzFile(arrays: Readonly<Record<string, NDArray>>): Uint8Array {
  const entries = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, npyFile(array)] as const);
  // Local time: what is stored is the text of the date, which is the first that a zip file can have.
  return zipSync(Object.fromEntries(entries), { level: 0, mtime: new Date(1980, 0, 1) });
}

/** Array data begin at a multiple of this many bytes (numpy.lib.format, "Format Version 1.0"). */
const alignment = 64;

function npyFile({ shape, data }: NDArray): Uint8Array {
  const isFloat = data instanceof Float32Array;
  const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const dictionary = `{'descr': '${isFloat ? "<f4" : "<i4"}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const start = Math.ceil((10 + dictionary.length + 1) / alignment) * alignment;
  const head = Buffer.alloc(start, 0x20);
  head.set([0x93, ...Buffer.from("NUMPY"), 1, 0]);
  head.writeUInt16LE(start - 10, 8);
  head.write(dictionary, 10, "latin1");
  head[start - 1] = 0x0a;
  const bytes = littleEndian({ dtype: isFloat ? "float32" : "int32", shape, data });
  const file = new Uint8Array(start + bytes.byteLength);
  file.set(head);
  file.set(bytes, start);
  return file;
}
