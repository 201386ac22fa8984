import type { Network, Tensor } from "../../runtime/layers/index.js";
import * as layers from "../../runtime/layers/index.js";

const { add, averagePool2d, batchNorm, concat, conv2d, dense, flatten, input, label, maxPool2d, model, relu, softmax } =
  layers;

function ends(name: string, data: Tensor, x: Tensor): Network {
  const digit = label("label");
  const scores = dense(flatten(x, { name: "flat" }), { name: "fc", units: 10 });
  const loss = layers.softmaxCrossEntropy(scores, digit, { name: "loss" });
  return model({
    name,
    inputs: [data],
    labels: [digit],
    loss,
    outputs: { prob: softmax(scores, { name: "prob" }) },
  });
}

/** A convolution with its normalization, named as those of Caffe's residual networks are. */
function normalized(x: Tensor, stem: string, options: { filters: number; kernel?: number; stride?: number }): Tensor {
  const { filters, kernel = 1, stride = 1 } = options;
  const pad = (kernel - 1) / 2;
  const y = conv2d(x, { name: `res${stem}`, filters, kernel, stride, pad, bias: false });
  return batchNorm(y, { name: `bn${stem}` });
}

interface Residual {
  readonly filters: number;
  readonly stride?: number;
  readonly projects?: boolean;
}

/** A residual block with three convolutions; `projects` puts one on its shortcut. */
export function bottleneck(x: Tensor, stem: string, { filters, stride = 1, projects = false }: Residual): Tensor {
  const first = relu(normalized(x, `${stem}_branch2a`, { filters, stride }), { name: `res${stem}_branch2a_relu` });
  const second = relu(normalized(first, `${stem}_branch2b`, { filters, kernel: 3 }), {
    name: `res${stem}_branch2b_relu`,
  });
  const third = normalized(second, `${stem}_branch2c`, { filters: 4 * filters });
  const shortcut = projects ? normalized(x, `${stem}_branch1`, { filters: 4 * filters, stride }) : x;
  return relu(add([shortcut, third], { name: `res${stem}` }), { name: `res${stem}_relu` });
}

/** A residual network with stages of these numbers of blocks: ResNet-50 is `[3, 4, 6, 3]`. */
export function residual(stages: readonly number[], filters = 4): Network {
  const data = input("data", [3, 32, 32]);
  let x: Tensor = relu(conv2d(data, { name: "conv1", filters, kernel: 3, pad: 1 }), { name: "conv1_relu" });
  for (const [stage, blocks] of stages.entries()) {
    for (let block = 0; block < blocks; block++) {
      const stem = `${stage + 2}${block < 26 ? String.fromCharCode(97 + block) : `b${block}`}`;
      const stride = stage > 0 && block === 0 ? 2 : 1;
      x = bottleneck(x, stem, { filters: filters * 2 ** stage, stride, projects: block === 0 });
    }
  }
  return ends("Residual", data, averagePool2d(x, { name: "pool5", kernel: 2 }));
}

/** A module of four branches that are put together. */
function inception(
  x: Tensor,
  name: string,
  [one, three, five, pool]: readonly [number, number, number, number],
): Tensor {
  const conv = (y: Tensor, of: string, filters: number, kernel: number) => {
    const z = conv2d(y, { name: `${name}/${of}`, filters, kernel, pad: (kernel - 1) / 2 });
    return relu(z, { name: `${name}/relu_${of}` });
  };
  return concat(
    [
      conv(x, "1x1", one, 1),
      conv(conv(x, "3x3_reduce", three, 1), "3x3", 2 * three, 3),
      conv(conv(x, "5x5_reduce", five, 1), "5x5", five + 3, 5),
      conv(maxPool2d(x, { name: `${name}/pool`, kernel: 3, stride: 1, pad: 1 }), "pool_proj", pool, 1),
    ],
    { name: `${name}/output`, axis: 1 },
  );
}

export function branching(): Network {
  const data = input("data", [3, 8, 8]);
  const sizes = [
    [2, 3, 1, 2],
    [3, 3, 2, 2],
    [3, 4, 2, 3],
    [4, 4, 3, 3],
  ] as const;
  let x: Tensor = data;
  for (const [index, size] of sizes.entries()) x = inception(x, `inception_3${"abcd".charAt(index)}`, size);
  return ends("Branching", data, x);
}

/** Convolutions in a row, in five stages (Simonyan and Zisserman 2015, configuration D). */
export function vgg(): Network {
  const data = input("data", [3, 32, 32]);
  let x: Tensor = data;
  for (const [stage, convolutions] of [2, 2, 3, 3, 3].entries()) {
    for (let index = 1; index <= convolutions; index++) {
      const filters = 2 * Math.min(8, 2 ** stage);
      const name = `${stage + 1}_${index}`;
      x = relu(conv2d(x, { name: `conv${name}`, filters, kernel: 3, pad: 1 }), { name: `relu${name}` });
    }
    x = maxPool2d(x, { name: `pool${stage + 1}`, kernel: 2, stride: 2 });
  }
  return ends("VGG", data, x);
}

/** An encoder and a decoder whose stages are joined across. */
export function unet(stages = 3): Network {
  const data = input("data", [1, 32, 32]);
  const twice = (x: Tensor, name: string, filters: number): Tensor => {
    const conv = (y: Tensor, index: number) => {
      const z = conv2d(y, { name: `${name}_conv${index}`, filters, kernel: 3, pad: 1 });
      return relu(batchNorm(z, { name: `${name}_bn${index}` }), { name: `${name}_relu${index}` });
    };
    return conv(conv(x, 1), 2);
  };
  const skips: Tensor[] = [];
  let x: Tensor = data;
  for (let stage = 1; stage <= stages; stage++) {
    const skip = twice(x, `down${stage}`, 2 ** stage);
    skips.push(skip);
    x = maxPool2d(skip, { name: `pool${stage}`, kernel: 2, stride: 2 });
  }
  for (const [index, skip] of skips.reverse().entries()) {
    const up = layers.upsample(x, { name: `up${index + 1}`, scale: 2 });
    x = twice(concat([up, skip], { name: `join${index + 1}`, axis: 1 }), `up${index + 1}`, 2 ** (stages - index));
  }
  return model({ name: "UNet", inputs: [data], outputs: { mask: x } });
}

/** Blocks of two convolutions with their activations behind a first pair, in a row or with a shortcut around each. */
export function twoConvolutions(stems: readonly string[], { branches = false } = {}): Network {
  const data = input("data", [3, 8, 8]);
  const pair = (x: Tensor, name: string) =>
    relu(conv2d(x, { name, filters: 4, kernel: 3, pad: 1 }), { name: `${name}_relu` });
  let x = pair(data, "conv1");
  for (const stem of stems) {
    const last = pair(pair(x, `res${stem}_branch2a`), `res${stem}_branch2b`);
    x = branches ? relu(add([x, last], { name: `res${stem}` }), { name: `res${stem}_relu` }) : last;
  }
  return ends("TwoConvolutions", data, x);
}

/** Convolutions and activations in a row that are numbered: `conv1`, `relu1`, `conv2`. */
export function counted(times: number): Network {
  const data = input("data", [3, 8, 8]);
  let x: Tensor = data;
  for (let index = 1; index <= times; index++) {
    x = relu(conv2d(x, { name: `conv${index}`, filters: 4, kernel: 3, pad: 1 }), { name: `relu${index}` });
  }
  return ends("Counted", data, x);
}
