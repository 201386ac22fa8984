// User functions for the tests, loaded by worker threads. Integer arithmetic in float32 is exact below 2^24.
import { writeFileSync } from "node:fs";
import { parentPort } from "node:worker_threads";

/** The sum of the rows, as the gradient of "sum"; also counts rows. */
export function columnSums({ features: { shape, data } }) {
  const [rows, columns] = shape;
  const sum = new Float32Array(columns);
  for (let row = 0; row < rows; row++) for (let i = 0; i < columns; i++) sum[i] += data[row * columns + i];
  const gradients = { sum: { shape: [columns], data: sum }, rows: { shape: [1], data: Float32Array.of(rows) } };
  return { gradients, scalars: { loss: rows } };
}

/** Scalars that are called as training calls figures of its own. */
export function boldlyNamed(input) {
  const [rows] = input.features.shape;
  const scalars = { event: 1, epoch: 2, seconds: 3, train: 4, learning_rate: 5, val_loss: 6, loss: rows };
  return { ...columnSums(input), scalars };
}

/** model + gradients */
export async function add({ model, gradients }) {
  const plus = (name) => ({
    ...model[name],
    data: model[name].data.map((value, i) => value + gradients[name].data[i]),
  });
  return { sum: plus("sum"), rows: plus("rows") };
}

/** The gradient of the mean squared error of features · w. */
export function leastSquares({ model: { w }, features: { shape, data }, labels }) {
  const [rows, columns] = shape;
  const gradient = new Float32Array(columns);
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    let error = -labels.data[row];
    for (let i = 0; i < columns; i++) error += data[row * columns + i] * w.data[i];
    loss += (error * error) / rows;
    for (let i = 0; i < columns; i++) gradient[i] += (2 * error * data[row * columns + i]) / rows;
  }
  return { gradients: { w: { shape: [columns], data: gradient } }, scalars: { loss } };
}

/** As {@link leastSquares}, with a second parameter that is pulled to 0. */
export function leastSquaresOfTwo(input) {
  const { u, w } = input.model;
  const { gradients, scalars } = leastSquares({ ...input, model: { w } });
  return { gradients: { ...gradients, u: { ...u, data: u.data.map((value) => value / 10) } }, scalars };
}

// What a worker does when it meets the row that holds `hyperparams.trigger`.
const meets = ({ features, hyperparams }) => features.data.includes(hyperparams.trigger);

export function throwsAtTrigger(input) {
  if (meets(input)) throw new TypeError("these rows are bad");
  return columnSums(input);
}

/** Throws where no caller can catch it. */
export function throwsLaterAtTrigger(input) {
  if (!meets(input)) return columnSums(input);
  setTimeout(() => {
    throw new Error("nobody catches this");
  }, 0);
  return new Promise(() => {});
}

export function exitsAtTrigger(input) {
  if (meets(input)) process.exit(7);
  return columnSums(input);
}

/** Blocks its thread for ever, deaf to messages, after making the file `hyperparams.marker`. */
function hang({ hyperparams }) {
  writeFileSync(hyperparams.marker, "");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

export function hangsAtTrigger(input) {
  if (meets(input)) hang(input);
  return columnSums(input);
}

export const hangs = (input) => hang(input);

export const nothing = () => undefined;
export const forgetsRows = (input) => ({ gradients: { sum: columnSums(input).gradients.sum } });
export const misspells = (input) => ({
  gradients: { ...columnSums(input).gradients, summ: { shape: [1], data: new Float32Array(1) } },
});
export const tooLong = (input) => ({
  gradients: { ...columnSums(input).gradients, rows: { shape: [2], data: new Float32Array(2) } },
});
export const notFloats = (input) => ({
  gradients: { ...columnSums(input).gradients, rows: { shape: [1], data: [1] } },
});
export const notFinite = (input) => ({
  gradients: { ...columnSums(input).gradients, rows: { shape: [1], data: Float32Array.of(NaN) } },
});
export const badScalar = (input) => ({ ...columnSums(input), scalars: { loss: "small" } });
export const diverges = (input) => ({ ...columnSums(input), scalars: { loss: Number.NaN } });
export const aggregatesToNaN = ({ model }) => ({ rows: { ...model.rows, data: Float32Array.of(NaN) } });
export const notAFunction = 3;

/** The sums of two columns of features by name, and of the labels, as the gradient of "sum"; also counts rows. */
export function namedColumns({ features: { a, b }, labels }) {
  const total = ({ data }) => data.reduce((sum, value) => sum + value, 0);
  const sum = { shape: [3], data: Float32Array.of(total(a), total(b), total(labels.c)) };
  return { gradients: { sum, rows: { shape: [1], data: Float32Array.of(a.shape[0]) } } };
}

/** What it is given for features and labels: 1 for an array, 2 for columns by name. */
export function howGiven({ features, labels, model }) {
  const how = (given) => (Array.isArray(given.shape) ? 1 : 2);
  const data = Float32Array.of(how(features), how(labels), 0);
  return { gradients: { sum: { shape: [3], data }, rows: { shape: [1], data: model.rows.data.map(() => 0) } } };
}

/** No gradients; the next running mean is the number of rows of the batch more than it was. */
export function countsInState({ model, features }) {
  const names = Object.keys(model).filter((name) => !name.includes("running"));
  const gradients = Object.fromEntries(
    names.map((name) => [name, { ...model[name], data: model[name].data.map(() => 0) }]),
  );
  const mean = model["bn.running_mean"];
  const data = mean.data.map((value) => value + features.shape[0]);
  return { gradients, state: { "bn.running_mean": { ...mean, data } } };
}

/** Fails where it is given state or gradients of it to make. */
export function keepsState({ model, gradients }) {
  if (Object.keys(gradients).some((name) => name.includes("running"))) throw new Error("state has no gradients");
  return { "bn.running_mean": { ...model["bn.running_mean"], data: model["bn.running_mean"].data.map(() => 77) } };
}

/** Speaks to the server in its worker's place. */
export function postsMessages() {
  parentPort?.postMessage({ kind: "pushed" });
  return new Promise(() => {});
}

// What happens once only, however often and by whomever the function is called: who makes the file `hyperparams.once`.
const isFirst = ({ hyperparams }) => {
  try {
    writeFileSync(hyperparams.once, "", { flag: "wx" });
    return true;
  } catch {
    return false;
  }
};

/** Ends its thread once, at the trigger. */
export function exitsOnce(input) {
  if (meets(input) && isFirst(input)) process.exit(7);
  return columnSums(input);
}

/** Throws once, where no caller can catch it. */
export function throwsLaterOnce(input) {
  return meets(input) && isFirst(input) ? throwsLaterAtTrigger(input) : columnSums(input);
}

/** An update whose maker dies once. */
export async function addsAfterDeath(input) {
  if (isFirst(input)) process.exit(8);
  return add(input);
}

/** An update whose maker dies whenever it is made. */
export const exits = () => process.exit(9);

/** A validation whose maker dies once. */
export function countsAfterDeath(input) {
  if (isFirst(input)) process.exit(10);
  return countsRows(input);
}

/** Two figures of the model and the rows that it is validated with. */
export const countsRows = ({ model, features }) => ({ loss: -model.rows.data[0], rows: features.shape[0] });
export const countsLater = async (input) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return countsRows(input);
};

export const neverSettles = () => new Promise(() => {});

/** A sum with a loss that gets no better after `hyperparams.best` rows were counted. */
export function settlesAt(input) {
  const { model, hyperparams } = input;
  return { ...columnSums(input), scalars: { loss: Math.max(-model.rows.data[0], -hyperparams.best) } };
}

/** Rows whose loss is not a number, as the gradients are: those of the trigger. */
export function divergesAtTrigger(input) {
  return meets(input) ? { ...columnSums(input), scalars: { loss: Number.NaN } } : columnSums(input);
}

/** Rows with gradients that are not finite. */
export function overflowsAtTrigger(input) {
  const { gradients, scalars } = columnSums(input);
  if (meets(input)) gradients.sum.data[0] = Number.POSITIVE_INFINITY;
  return { gradients, scalars };
}

/** Throws what has no prototype, so that String() of it throws, too. */
export function throwsBare() {
  throw Object.assign(Object.create(null), { reason: "no prototype" });
}

/** Throws what is an error whose message cannot be read. */
export function throwsTrap() {
  throw Object.defineProperty(new Error("hidden"), "message", {
    get() {
      throw new Error("trap");
    },
  });
}

export function throwsUndefined() {
  throw undefined;
}

/** Speaks to the server while it makes an update. */
export function addsAndPosts(input) {
  parentPort?.postMessage({ kind: "message", message: { kind: "leave" } });
  return add(input);
}

// Keeps its thread alive until it has been called often enough, which is never.
let ticks = 0;
export function keepsTime(input) {
  setInterval(() => {
    ticks += 1;
  }, 1000);
  return { ...columnSums(input), scalars: { loss: ticks } };
}
