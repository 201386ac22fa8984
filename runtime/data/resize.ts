import onnxProto from "onnx-proto";
import type { InferenceSession } from "onnxruntime-node";
import { cpuSessionOptions, loadOnnxRuntime } from "../engines/native.js";

const { onnx } = onnxProto;
type Image = readonly [channels: number, height: number, width: number];

/** Element and attribute types of onnx.proto. */
const [float32, int64] = [1, 7];
const [attributeInt, attributeString, attributeInts] = [2, 3, 7];

/** Resizes images, `rows` at a time. Call `close` when done. */
export interface Resizer {
  /** `from` holds `rows` images, in private memory; the result is valid until the next call. */
  resize(from: Float32Array, rows: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Bilinear, half-pixel centres; where the image shrinks the triangle is widened to the ratio (antialias), its weights
 * normalised over the pixels inside the image. Equal to PyTorch's
 * `interpolate(mode="bilinear", align_corners=False, antialias=…)`; executed as an ONNX Resize by onnxruntime.
 */
export async function openResizer(from: Image, [, height, width]: Image): Promise<Resizer> {
  const { InferenceSession, Tensor } = await loadOnnxRuntime();
  const antialias = height < from[1] || width < from[2];
  const session: InferenceSession = await InferenceSession.create(
    resizeModel(from, [height, width], antialias),
    cpuSessionOptions(1),
  );
  let data = new Float32Array();
  return {
    resize: async (images, rows) => {
      const length = rows * from[0] * height * width;
      if (data.length < length) data = new Float32Array(length);
      const result = data.subarray(0, length);
      const x = new Tensor("float32", images, [rows, ...from]);
      await session.run({ x }, { y: new Tensor("float32", result, [rows, from[0], height, width]) });
      return result;
    },
    close: () => session.release(),
  };
}

function resizeModel([channels, fromHeight, fromWidth]: Image, to: readonly number[], antialias: boolean): Uint8Array {
  const images = (name: string, dims: readonly (number | undefined)[]) => ({
    name,
    type: {
      tensorType: {
        elemType: float32,
        shape: { dim: dims.map((dim) => (dim === undefined ? { dimParam: "N" } : { dimValue: dim })) },
      },
    },
  });
  const text = (name: string, value: string) => ({ name, type: attributeString, s: Buffer.from(value) });
  const model = onnx.ModelProto.create({
    irVersion: 8,
    opsetImport: [{ domain: "", version: 18 }],
    graph: {
      name: "resize",
      input: [images("x", [undefined, channels, fromHeight, fromWidth])],
      output: [images("y", [undefined, channels, ...to])],
      initializer: [{ name: "sizes", dims: [2], dataType: int64, int64Data: [...to] }],
      node: [
        {
          opType: "Resize",
          input: ["x", "", "", "sizes"],
          output: ["y"],
          attribute: [
            text("mode", "linear"),
            text("coordinate_transformation_mode", "half_pixel"),
            { name: "axes", type: attributeInts, ints: [2, 3] },
            { name: "antialias", type: attributeInt, i: antialias ? 1 : 0 },
            // Without it onnxruntime repeats the border under the widened triangle; PyTorch and Pillow do not.
            { name: "exclude_outside", type: attributeInt, i: antialias ? 1 : 0 },
          ],
        },
      ],
    },
  });
  return onnx.ModelProto.encode(model).finish();
}
