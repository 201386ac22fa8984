import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/**
 * What CONTRIBUTING.md says of a new operator, a new operator that is decomposed and a new layer, done to the letter in a
 * copy of the sources: one file and one row each (and for the layer its export).
 */
const root = fileURLToPath(new URL("../..", import.meta.url));
let tree = "";

const operatorFile = (name: string, rule: string) => `
import { type Operator, type Signature } from "./operator.js";

const signature = { inputs: ["x: float"], attributes: {} } as const satisfies Signature;

export const ${name}: Operator<typeof signature> = {
  signature,
  doc: "for this test",
  infer: ({ x }) => x,
  ${rule}
};
`;

const atanRule = `gradient: ({ x }, { g, dy }) => ({
    x: () => g.op("Div", [dy, g.op("Add", [g.op("Mul", [x, x]), g.scalar(1)])]),
  }),`;

const sinhRule = `decompose: ({ x }, { g }) =>
    g.op("Mul", [g.op("Sub", [g.op("Exp", [x]), g.op("Exp", [g.op("Neg", [x])])]), g.scalar(0.5)]),`;

const layerFile = `
import { defineLayer } from "./define-layer.js";
import { type OptionsOf, real, withDefault } from "./options.js";
import type { Tensor } from "./types.js";

const table = {
  /** Factor of what is bent. Default 1. */
  slope: withDefault(real("a number"), 1),
};

/** y = atan(slope · x) */
export const arctangentLayer = defineLayer({
  type: "arctangent",
  inputs: ["x: float"],
  options: table,
  lower: ({ g }, { x }, { slope }) => g.op("Atan", [g.op("Mul", [x, g.scalar(slope)])]),
});

export function arctangent(x: Tensor, options: OptionsOf<typeof table> = {}): Tensor {
  return arctangentLayer.make([x], options);
}
`;

/** Adds a line before the first line that a pattern finds. */
function insert(file: string, before: RegExp, line: string): void {
  const path = join(tree, file);
  const lines = readFileSync(path, "utf8").split("\n");
  const at = lines.findIndex((text) => before.test(text));
  expect(at, `${before} in ${file}`).toBeGreaterThan(0);
  writeFileSync(path, [...lines.slice(0, at), line, ...lines.slice(at)].join("\n"));
}

function addOperator(file: string, name: string, key: string, rule: string): void {
  writeFileSync(join(tree, `runtime/graph/operators/${file}.ts`), operatorFile(name, rule));
  insert("runtime/graph/operators/index.ts", /^import/, `import { ${name} } from "./${file}.js";`);
  insert("runtime/graph/operators/index.ts", /^ {2}Abs: /, `  ${key}: ${name},`);
}

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), "paramserv-recipes-"));
  cpSync(join(root, "runtime"), join(tree, "runtime"), { recursive: true });
  cpSync(join(root, "package.json"), join(tree, "package.json"));
  symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
  // The first import of a table is not at its first line everywhere: rows and imports go before the first of theirs.
  writeFileSync(
    join(tree, "runtime/graph/operators/index.ts"),
    `// The operators of a copy.\n${readFileSync(join(root, "runtime/graph/operators/index.ts"), "utf8")}`,
  );
  addOperator("atan", "atan", "Atan", atanRule);
  addOperator("sinh", "sinh", "Sinh", sinhRule);
  writeFileSync(join(tree, "runtime/layers/arctangent.ts"), layerFile);
  writeFileSync(
    join(tree, "runtime/layers/table.ts"),
    `// The layers of a copy.\n${readFileSync(join(root, "runtime/layers/table.ts"), "utf8")}`,
  );
  insert("runtime/layers/table.ts", /^import/, 'import { arctangentLayer } from "./arctangent.js";');
  insert("runtime/layers/table.ts", /^ {2}input: /, "  arctangent: arctangentLayer,");
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

const load = <Module>(file: string): Promise<Module> => import(/* @vite-ignore */ join(tree, file));

describe("an operator, a decomposed operator and a layer more", () => {
  test("are used in a network, differentiated, executed and exported", async () => {
    const layers = await load<typeof import("../../runtime/layers/index.js")>("runtime/layers/index.ts");
    const program = await load<typeof import("../../runtime/program/index.js")>("runtime/program/index.ts");
    const added = await load<{ arctangent: typeof layers.relu }>("runtime/layers/arctangent.ts");
    const functions = layers.onnx as unknown as Readonly<Record<"Sinh", typeof layers.relu>>;

    const x = layers.input("x", [3]);
    const y = layers.target("y", [2]);
    const hidden = layers.dense(functions.Sinh(added.arctangent(x, { slope: 2 } as object)), { name: "fit", units: 2 });
    const network = layers.model({
      name: "Added",
      inputs: [x],
      labels: [y],
      loss: layers.meanSquaredError(added.arctangent(hidden), y),
      outputs: { hidden },
    });
    expect(layers.printNetwork(network)).toContain("arctangent1 = arctangent(x, slope: 2)");
    const compiled = program.compile(network);
    expect(compiled.step.outputs.filter(({ role }) => role === "gradient")).toHaveLength(2);
    await (await InferenceSession.create(compiled.step.bytes)).release();

    const weights = {
      "fit.weight": { shape: [2, 3], data: Float32Array.of(1, 0, 0, 0, 1, 0) },
      "fit.bias": { shape: [2], data: new Float32Array(2) },
    };
    const session = await InferenceSession.create(program.compileInference(network, weights));
    const result = await session.run({ x: new Tensor("float32", Float32Array.of(0.5, -0.25, 1), [1, 3]) });
    const expected = [Math.sinh(Math.atan(1)), Math.sinh(Math.atan(-0.5))];
    for (const [index, value] of expected.entries()) expect(result.hidden?.data[index]).toBeCloseTo(value, 6);
    await session.release();
  });
});
