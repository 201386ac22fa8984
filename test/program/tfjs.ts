import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";

export interface LenetCase {
  readonly rows: number;
  readonly feeds: { readonly data: Float32Array; readonly label: Int32Array };
  readonly parameters: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly data: Float32Array;
  }[];
}

/**
 * LeNet's loss and gradients by tfjs on its CPU backend: a second implementation. Its convolutions take images with the
 * channels last, so weights and the flattened image are transposed on the way.
 */
export async function lenetGradients({ rows, feeds, parameters }: LenetCase) {
  // Without this it prints an advertisement for another backend.
  tf.enableProdMode();
  await tf.setBackend("cpu");
  const images = tf.transpose(tf.tensor(feeds.data, [rows, 1, 28, 28]), [0, 2, 3, 1]);
  const truth = tf.oneHot(tf.tensor1d(feeds.label, "int32"), 10);
  const order = new Map(parameters.map(({ name }, index) => [name, index]));
  const loss = (...values: tf.Tensor[]): tf.Tensor => {
    const value = (name: string): tf.Tensor => {
      const found = values[order.get(name) ?? -1];
      if (found === undefined) throw new Error(`no parameter ${name}`);
      return found;
    };
    const conv = (x: tf.Tensor, name: string): tf.Tensor => {
      const kernel = tf.transpose(value(`${name}.weight`), [2, 3, 1, 0]);
      return tf.add(tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, 1, "valid"), value(`${name}.bias`));
    };
    const dense = (x: tf.Tensor, name: string): tf.Tensor =>
      tf.add(tf.matMul(x, value(`${name}.weight`), false, true), value(`${name}.bias`));
    const pool = (x: tf.Tensor): tf.Tensor => tf.maxPool(x as tf.Tensor4D, 2, 2, "valid");
    const image = pool(conv(pool(conv(images, "conv1")), "conv2"));
    const features = tf.reshape(tf.transpose(image, [0, 3, 1, 2]), [rows, -1]);
    const scores = dense(tf.relu(dense(features, "ip1")), "ip2");
    return tf.div(tf.neg(tf.sum(tf.mul(tf.logSoftmax(scores), truth))), rows);
  };
  const weights = parameters.map(({ data, shape }) => tf.tensor(data, [...shape]));
  const { value, grads } = tf.valueAndGrads((...values) => loss(...values))(weights);
  const gradients: Record<string, Float32Array> = {};
  for (const [index, { name }] of parameters.entries()) {
    gradients[name] = (await grads[index]?.data()) as Float32Array;
  }
  return { loss: (await value.data())[0] ?? Number.NaN, gradients };
}
