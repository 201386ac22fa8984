import type { InferenceSession } from "onnxruntime-node";
import { cpuSessionOptions, loadOnnxRuntime } from "../engines/native.js";
import { graphBuilder } from "../graph/builder.js";
import { toOnnx } from "../graph/onnx.js";
import type { GraphBuilder, Value } from "../graph/types.js";

export type Image = readonly [channels: number, height: number, width: number];

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
export async function openResizer(from: Image, to: Image): Promise<Resizer> {
  const { InferenceSession, Tensor } = await loadOnnxRuntime();
  const session: InferenceSession = await InferenceSession.create(resizeModel(from, to), cpuSessionOptions(1));
  const [, height, width] = to;
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

/** Images `[N, channels, height, width]` of the size `from` in another size, as {@link openResizer} says. */
export function resizeInGraph(g: GraphBuilder, x: Value, from: Image, [, height, width]: Image): Value {
  const antialias = height < from[1] || width < from[2] ? 1 : 0;
  return g.op("Resize", [x, undefined, undefined, g.ints([height, width])], {
    mode: "linear",
    coordinate_transformation_mode: "half_pixel",
    axes: [2, 3],
    antialias,
    // Without it onnxruntime repeats the border under the widened triangle; PyTorch and Pillow do not.
    exclude_outside: antialias,
  });
}

function resizeModel(from: Image, to: Image): Uint8Array {
  const g = graphBuilder("resize");
  g.output("y", resizeInGraph(g, g.input("x", "float32", ["N", ...from]), from, to));
  return toOnnx(g.build());
}
