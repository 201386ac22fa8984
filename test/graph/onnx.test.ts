import onnxProto from "onnx-proto";
import { describe, expect, test } from "vitest";
import { graphBuilder } from "../../runtime/graph/builder.js";
import { toOnnx } from "../../runtime/graph/onnx.js";
import { printGraph } from "../../runtime/graph/print.js";
import type { Graph } from "../../runtime/graph/types.js";
import { verify } from "../../runtime/graph/verify.js";
import { named, runOnce } from "./support.js";

function smallNet(): Graph {
  const g = graphBuilder("small");
  const data = g.input("data", "float32", ["N", 1, 4, 4]);
  const weight = g.input("conv1.weight", "float32", [2, 1, 3, 3]);
  const y = g.within("conv1", { file: "net.prototxt", line: 12, column: 3 }, () =>
    g.op("Conv", [data, weight], { strides: [1, 1], pads: [1, 1, 1, 1], group: 1 }),
  );
  const table = g.constant({
    dtype: "float32",
    shape: [1, 2, 4, 4],
    data: Float32Array.from({ length: 32 }, (_, index) => index / 3),
  });
  const z = g.within("add", undefined, () => g.op("LeakyRelu", [g.op("Add", [y, table])], { alpha: 0.5 }));
  g.output("scores", g.op("Clip", [g.op("Reshape", [z, g.ints([0, -1])]), undefined, g.scalar(3)]));
  g.output("classes", g.op("Cast", [g.op("ArgMax", [y], { axis: 1 })], { to: "int32" }));
  return g.build();
}

const { onnx } = onnxProto;

describe("toOnnx", () => {
  test("what is read back has the nodes, attributes, types, tensors and the batch", () => {
    const model = onnx.ModelProto.decode(toOnnx(smallNet()));
    const { graph } = model;
    expect(Number(model.irVersion)).toBe(9);
    expect(model.producerName).toBe("paramserv");
    expect(model.opsetImport?.map(({ domain, version }) => [domain, Number(version)])).toEqual([["", 20]]);
    expect(graph?.node?.map(({ opType }) => opType)).toEqual([
      "Conv",
      "Add",
      "LeakyRelu",
      "Reshape",
      "Clip",
      "ArgMax",
      "Cast",
    ]);
    const attributes = graph?.node?.[0]?.attribute?.map(({ name, type, i, ints }) => [
      name,
      type,
      Number(i),
      ints?.map(Number),
    ]);
    expect(attributes).toEqual([
      ["group", 2, 1, []],
      ["pads", 7, 0, [1, 1, 1, 1]],
      ["strides", 7, 0, [1, 1]],
    ]);
    expect(graph?.node?.[2]?.attribute?.[0]?.f).toBe(0.5);
    expect(Number(graph?.node?.[6]?.attribute?.[0]?.i)).toBe(6);
    expect(graph?.node?.[4]?.input).toEqual(["Reshape", "", "constant_3"]);
    const dims = graph?.input?.[0]?.type?.tensorType?.shape?.dim?.map(
      ({ dimParam, dimValue }) => dimParam || Number(dimValue),
    );
    expect(dims).toEqual(["N", 1, 4, 4]);
    expect(graph?.output?.map(({ name }) => name)).toEqual(["scores", "classes"]);
    const table = graph?.initializer?.[0];
    const bytes = Uint8Array.from(table?.rawData ?? []);
    expect([...new Float32Array(bytes.buffer)].slice(0, 3)).toEqual([0, Math.fround(1 / 3), Math.fround(2 / 3)]);
    const shape = graph?.initializer?.[1];
    expect([...new BigInt64Array(Uint8Array.from(shape?.rawData ?? []).buffer)]).toEqual([0n, -1n]);
  });

  test("the same graph gives the same bytes", () => {
    expect(Buffer.from(toOnnx(smallNet())).equals(Buffer.from(toOnnx(smallNet())))).toBe(true);
  });

  test("inputs become stored tensors where they are given, and the model then runs without them", async () => {
    const weight = { dtype: "float32" as const, shape: [2, 1, 3, 3], data: new Float32Array(18).fill(0.25) };
    const model = onnx.ModelProto.decode(toOnnx(smallNet(), { initializers: new Map([["conv1.weight", weight]]) }));
    expect(model.graph?.input?.map(({ name }) => name)).toEqual(["data"]);
    expect(model.graph?.initializer?.map(({ name }) => name)).toContain("conv1.weight");
    const wrong = new Map([["conv1.weight", { ...weight, shape: [18] }]]);
    expect(() => toOnnx(smallNet(), { initializers: wrong })).toThrow(
      /"conv1.weight" is float32 \[18\]; expected float32 \[2,1,3,3\]/,
    );
  });

  test("outputs get their names: twice the same value, an input, a constant, a name that another value has", async () => {
    const g = graphBuilder("names");
    const x = g.input("x", "float32", ["N"]);
    const negative = g.op("Neg", [x]);
    const positive = g.op("Abs", [negative]);
    g.output("Neg", positive);
    g.output("twice", positive);
    g.output("copy", x);
    g.output("three", g.scalar(3));
    g.output("negative", negative);
    const result = await runOnce(g.build(), { x: { dtype: "float32", shape: [2], data: [1, -2] } });
    const data = Object.fromEntries(Object.entries(result).map(([name, value]) => [name, value.data]));
    expect(data).toEqual({ Neg: [1, 2], twice: [1, 2], copy: [1, -2], three: [3], negative: [-1, 2] });
    expect(named(result, "three").shape).toEqual([]);
  });

  test("an output named as an input is refused", () => {
    const g = graphBuilder("clash");
    const x = g.input("x", "float32", ["N"]);
    g.output("x", g.op("Neg", [x]));
    expect(() => toOnnx(g.build())).toThrow(/GRAPH_NAME_DUPLICATE.*input and an output named "x"/);
  });
});

describe("printGraph", () => {
  test("prints a line a value with types, attributes and source places", () => {
    expect(printGraph(smallNet())).toMatchInlineSnapshot(`
      "graph small {
        input %data : float32[N,1,4,4]
        input %conv1.weight : float32[2,1,3,3]
        constant %constant : float32[1,2,4,4] = [0,0.33333334,0.6666667,1,1.3333334,1.6666666,2,2.3333333,…]
        %conv1/Conv = Conv(%data, %conv1.weight) {group=1, pads=[1,1,1,1], strides=[1,1]} : float32[N,2,4,4]  // net.prototxt:12:3
        %add/Add = Add(%conv1/Conv, %constant) : float32[N,2,4,4]
        %add/LeakyRelu = LeakyRelu(%add/Add) {alpha=0.5} : float32[N,2,4,4]
        %Reshape = Reshape(%add/LeakyRelu, [0,-1]) : float32[N,32]
        %Clip = Clip(%Reshape, _, 3) : float32[N,32]
        %ArgMax = ArgMax(%conv1/Conv) {axis=1} : int64[N,1,4,4]
        %Cast = Cast(%ArgMax) {to="int32"} : int32[N,1,4,4]
        output scores = %Clip : float32[N,32]
        output classes = %Cast : int32[N,1,4,4]
      }
      "
    `);
  });
});

describe("verify", () => {
  test("accepts what the builder makes and says what is broken otherwise", () => {
    const graph = smallNet();
    expect(() => verify(graph)).not.toThrow();
    const [conv, add, ...rest] = graph.nodes;
    if (!conv || !add) throw new Error("the graph has nodes");
    expect(() => verify({ ...graph, nodes: [add, conv, ...rest] })).toThrow(
      /"add\/Add" uses "conv1\/Conv", which is not defined before it/,
    );
    expect(() => verify({ ...graph, nodes: [conv, conv, add, ...rest] })).toThrow(/two nodes are named "conv1\/Conv"/);
    const mistyped = { ...conv, outputs: conv.outputs.map((value) => ({ ...value, shape: ["N", 2, 5, 5] as const })) };
    expect(() => verify({ ...graph, nodes: [mistyped, add, ...rest] })).toThrow(
      /output 0 of the node "conv1\/Conv" is float32\[N,2,5,5\]; inferred is float32\[N,2,4,4\]/,
    );
    expect(() => verify({ ...graph, constants: new Map() })).toThrow(/not defined before it/);
  });
});
