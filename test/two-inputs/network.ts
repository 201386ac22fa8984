import {
  type ArrayDataset,
  accuracy,
  batchNorm,
  concat,
  conv2d,
  dense,
  embedding,
  flatten,
  input,
  label,
  layerNorm,
  loadInMemory,
  maxPool2d,
  model,
  type Network,
  onnx,
  readDataset,
  relu,
  softmax,
  softmaxCrossEntropy,
  variable,
} from "paramserv";

export const classes = 10;
export const words = 12;
/** Tokens of a row; the last layer of the second head has the embedding's own table for its weights. */
export const tokens = 4;
/** The label of a row that the second loss does not look at. */
export const ignored = -1;

interface Choices {
  /** What stands between the convolution and the rectifier. Default "batch". */
  readonly norm?: "batch" | "layer" | "none";
}

/**
 * A network of everything at once: an image and whole numbers as inputs, an embedding whose table two layers share, batch
 * normalization with its running statistics, two outputs with a loss of its own each, the second weighted and masked.
 */
export function twoInputs({ norm = "batch" }: Choices = {}): Network {
  const image = input("image", [1, 8, 8]);
  const text = input("text", [tokens], { dtype: "int32" });
  const digit = label("digit", { classes });
  const next = label("next", { classes: words });
  const table = variable("words", [words, 16]);

  const conv1 = conv2d(image, { name: "conv1", filters: 8, kernel: 3, pad: 1 });
  const normal = norm === "none" ? conv1 : (norm === "batch" ? batchNorm : layerNorm)(conv1, { name: "norm1" });
  const seen = flatten(maxPool2d(relu(normal), { kernel: 2, stride: 2 }));
  const read = flatten(embedding(text, { name: "read", rows: words, units: 16, weights: table }));
  const both = relu(dense(concat([seen, read]), { name: "both", units: 16 }));

  const scores = dense(both, { name: "scores", units: classes });
  // The scores of the next word: each word's row of the table against what was read.
  const guess = onnx.Gemm(both, table, undefined, { name: "guess", transB: 1 });
  return model({
    name: "TwoInputs",
    inputs: [image, text],
    labels: [digit, next],
    losses: {
      digit_loss: softmaxCrossEntropy(scores, digit),
      next_loss: softmaxCrossEntropy(guess, next, { ignoreLabel: ignored }),
    },
    lossWeights: { next_loss: 0.5 },
    outputs: { digit_prob: softmax(scores), next_prob: softmax(guess) },
    metrics: {
      digit_accuracy: accuracy(scores, digit),
      next_accuracy: accuracy(guess, next, { ignoreLabel: ignored }),
    },
  });
}

/**
 * The handwritten digits with a text each: a count that goes on by the row's step, so that the next word is the last one
 * plus the step; every third row has no next word.
 */
export async function rowsOfDigits(count = 600): Promise<ArrayDataset> {
  const file = new URL("../../fixtures/data/digits.npz", import.meta.url).pathname;
  const { features, labels } = await loadInMemory(await readDataset(file));
  const [images, digits] = [features.features, labels.labels];
  if (images === undefined || digits === undefined) throw new Error("the digits have features and labels");
  const text = new Int32Array(count * tokens);
  const next = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    const step = 1 + (row % 3);
    for (let at = 0; at < tokens; at++) text[row * tokens + at] = (row + at * step) % words;
    next[row] = row % 3 === 1 ? ignored : (row + tokens * step) % words;
  }
  return {
    features: {
      image: { shape: [count, 1, 8, 8], data: Float32Array.from(images.data.subarray(0, count * 64), (x) => x / 16) },
      text: { shape: [count, tokens], data: text },
    },
    labels: {
      digit: { shape: [count], data: Int32Array.from(digits.data.subarray(0, count)) },
      next: { shape: [count], data: next },
    },
  };
}
