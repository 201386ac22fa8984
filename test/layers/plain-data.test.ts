import { describe, expect, test } from "vitest";
import { isBaseError } from "../../runtime/errors.js";
import {
  add,
  batchNorm,
  dense,
  describeNetwork,
  graph,
  input,
  label,
  model,
  type Network,
  networksEqual,
  onnx,
  printNetwork,
  relu,
  requireNetwork,
  softmaxCrossEntropy,
  type Tensor,
  variable,
} from "../../runtime/layers/index.js";
import { lowerNetwork } from "../../runtime/program/lower.js";
import { lenet } from "../program/lenet.js";

/** A network with everything that plain data may hold: graphs, numbers, initializers, shared variables, several outputs. */
function everything(): Network {
  const x = input("x", [4, 3]);
  const digit = label("digit", { classes: 3 });
  const body = graph("body", (g) => {
    const next = g.op("Add", [g.input("total", "float32", ["N", 3]), g.input("row", "float32", ["N", 3])]);
    g.output("total", next);
    g.output("row", g.op("Mul", [next, g.scalar(0.5)]));
  });
  const start = onnx.ReduceSum(x, [1], { keepdims: 0 });
  const axes = { num_scan_inputs: 1, scan_input_axes: [1], scan_output_axes: [1] };
  const [total, rows] = onnx.Scan([start, x], { body, ...axes, outputs: 2 });
  const weights = variable("w", [3, 3]);
  const left = dense(total, { name: "left", units: 3, weights });
  const right = dense(relu(onnx.ReduceMean(rows, [1], { keepdims: 0 })), { name: "right", units: 3, weights });
  const scores = batchNorm(add([left, right]), { name: "bn" });
  return model({
    name: "everything",
    inputs: [x],
    labels: [digit],
    losses: { main: softmaxCrossEntropy(scores, digit) },
    lossWeights: { main: 2 },
    outputs: { scores, rows },
  });
}

/** The text of the graph that a network comes to. */
function lowered(network: Network): string {
  const ends = [...Object.values(network.losses).map(({ scalar }) => scalar), ...Object.values(network.outputs)];
  const { g } = lowerNetwork(network, { name: "test", training: true, ends });
  return g.nodes.map(({ op, name, inputs }) => `${name} = ${op}(${inputs.map((value) => value?.name)})`).join("\n");
}

describe("networks are plain data:", () => {
  test.each([
    ["LeNet", lenet],
    ["one with everything", everything],
  ])("a copy of %s describes, prints and lowers as the original does", (_, make) => {
    const network = make();
    const copy = structuredClone(network);
    expect(copy).not.toBe(network);
    expect(networksEqual(copy, network)).toBe(true);
    expect(describeNetwork(copy)).toEqual(describeNetwork(network));
    expect(printNetwork(copy)).toBe(printNetwork(network));
    expect(lowered(copy)).toBe(lowered(network));
  });

  test("tensors of a copy go into new layers and networks", () => {
    const copy = structuredClone(everything());
    const { inputs, labels, losses, outputs } = copy;
    const { scores } = outputs as { readonly scores: Tensor };
    const network = model({
      name: copy.name,
      inputs,
      labels,
      losses: { main: (losses.main as NonNullable<typeof losses.main>).scalar },
      outputs: { scores, more: relu(scores) },
    });
    expect(network.layers.slice(0, -1)).toEqual(copy.layers);
    expect(network.outputs.more?.layer.inputs).toEqual([scores]);
    expect(network.variables).toEqual(copy.variables);
  });

  test("all of it is frozen", () => {
    const seen = new Set<unknown>();
    const check = (value: unknown, path: string): void => {
      if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || seen.has(value)) return;
      seen.add(value);
      expect(Object.isFrozen(value) || value instanceof Map, path).toBe(true);
      for (const [key, part] of Object.entries(value)) check(part, `${path}.${key}`);
    };
    check(everything(), "network");
  });

  test("lists that a caller passes are copied, not frozen", () => {
    const kept = [0, 1];
    const perm = [1, 0];
    const y = onnx.Transpose(onnx.Gather(variable("v", [2, 2]), kept), { perm });
    expect([Object.isFrozen(kept), Object.isFrozen(perm)]).toEqual([false, false]);
    perm[0] = 0;
    expect(y.layer.options).toEqual({ perm: [1, 0] });
  });
});

describe("requireNetwork()", () => {
  const refusal = (value: unknown) => {
    try {
      requireNetwork(value);
    } catch (error) {
      if (isBaseError(error)) return error;
    }
    throw new Error("nothing was refused");
  };

  test("takes networks of this format from any copy of the package", () => {
    const copy = structuredClone(lenet());
    expect(requireNetwork(copy)).toBe(copy);
  });

  test("says which versions met", () => {
    const other = refusal({ ...lenet(), format: 3 });
    expect(other.code).toBe("MODEL_FORMAT_DIFFERENT");
    expect(other.message).toContain(
      'the network "LeNet" was made by another version of paramserv: its format is 3, expected 2',
    );
    const { format: _, ...old } = lenet();
    expect(refusal(old).message).toContain("its format is undefined, expected 2");
    expect(() => printNetwork(old as Network)).toThrow("another version");
  });

  test("refuses what is no network", () => {
    expect(refusal("LeNet").code).toBe("MODEL_OPTION_INVALID");
    expect(refusal(lenet().outputs.prob).message).toContain("expected what model() gives");
  });
});
