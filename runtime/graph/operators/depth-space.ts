import { formatShape, mul, quotient } from "../lengths.js";
import type { Dim, Value } from "../types.js";
import { fixed, type Inference, type Operator, requireRank, type Signature } from "./operator.js";

const depthSignature = {
  inputs: ["x: any"],
  attributes: {
    blocksize: { kind: "int", required: true },
    mode: { kind: "string", default: "DCR", choices: ["DCR", "CRD"] },
  },
} as const satisfies Signature;

export const depthToSpace: Operator<typeof depthSignature> = {
  signature: depthSignature,
  doc: "y[n,c,h·b+i,w·b+j] = x[n,(i·b+j)·C/b²+c,h,w], of CRD x[n,c·b²+i·b+j,h,w] (onnx.ai, DepthToSpace)",
  infer: ({ x }, n) => {
    const { blocksize: block } = n.attributes;
    const [rows, channels, height, width] = images(n, x, block);
    const depth =
      quotient(channels, block * block) ??
      n.fail(`"${x.name}" has ${channels} channels; expected a multiple of ${block}² = ${block * block}`);
    return { dtype: x.dtype, shape: [rows, depth, mul(height, block), mul(width, block)] };
  },
  decompose: ({ x }, d) => {
    const { g } = d;
    const { blocksize: b, mode } = d.attributes;
    const [channels, height, width] = known(d, x);
    const depth = channels / (b * b);
    const split = mode === "DCR" ? [b, b, depth] : [depth, b, b];
    const parts = g.op("Reshape", [x, g.ints([-1, ...split, height, width])]);
    const turned = g.op("Transpose", [parts], { perm: mode === "DCR" ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3] });
    return g.op("Reshape", [turned, g.ints([-1, depth, height * b, width * b])]);
  },
};

const spaceSignature = {
  inputs: ["x: any"],
  attributes: { blocksize: { kind: "int", required: true } },
} as const satisfies Signature;

export const spaceToDepth: Operator<typeof spaceSignature> = {
  signature: spaceSignature,
  doc: "y[n,(i·b+j)·C+c,h,w] = x[n,c,h·b+i,w·b+j] (onnx.ai, SpaceToDepth)",
  infer: ({ x }, n) => {
    const { blocksize: block } = n.attributes;
    const [rows, channels, ...lengths] = images(n, x, block);
    const shorter = lengths.map(
      (length) =>
        quotient(length, block) ??
        n.fail(`"${x.name}" has shape ${formatShape(x.shape)}; expected multiples of ${block} for height and width`),
    );
    return { dtype: x.dtype, shape: [rows, mul(channels, block * block), ...shorter] };
  },
  decompose: ({ x }, d) => {
    const { g } = d;
    const { blocksize: b } = d.attributes;
    const [channels, height, width] = known(d, x);
    const [rows, columns] = [height / b, width / b];
    const parts = g.op("Reshape", [x, g.ints([-1, channels, rows, b, columns, b])]);
    const turned = g.op("Transpose", [parts], { perm: [0, 3, 5, 1, 2, 4] });
    return g.op("Reshape", [turned, g.ints([-1, channels * b * b, rows, columns])]);
  },
};

function images(n: Pick<Inference, "fail">, x: Value, block: number): readonly [Dim, Dim, Dim, Dim] {
  requireRank(n, x, 4);
  if (block < 1) n.fail(`blocksize is ${block}; expected 1 or more`);
  const [rows = 1, channels = 1, height = 1, width = 1] = x.shape;
  return [rows, channels, height, width];
}

function known(d: Pick<Inference, "fail">, x: Value): readonly [number, number, number] {
  const [, channels, height, width] = x.shape;
  return [fixed(d, channels, "the number of channels"), fixed(d, height, "the height"), fixed(d, width, "the width")];
}
