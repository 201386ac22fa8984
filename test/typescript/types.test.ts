import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ImportedModel } from "../../generators/imported.js";
import { writeFiles } from "../../generators/targets/index.js";
import { emitTypescript } from "../../generators/targets/typescript/index.js";
import { branching, residual, unet, vgg } from "../blocks/networks.js";
import { everyLayer } from "./every-layer.js";
import { awkward, imported, lenet } from "./models.js";
import { randomSteps, repeatingNetwork } from "./random-network.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const goldens = join(root, "test/golden/typescript");

/** Models that between them reach every branch of the templates. */
const models: Readonly<Record<string, ImportedModel>> = {
  lenet: lenet(),
  "every-layer": imported(everyLayer()),
  awkward: imported(awkward()),
  residual: imported(residual([3, 4, 6, 3])),
  branching: imported(branching()),
  vgg: imported(vgg()),
  unet: imported(unet()),
  unvalidated: {
    ...lenet(),
    data: { preprocessing: { data: { mean: [104.00699, 116.66877, 122.67892], scale: 0.017 } } },
    training: { ...lenet().training, validate: false, epochs: 3 },
  },
  ...Object.fromEntries(
    fc.sample(randomSteps, { seed: 7, numRuns: 8 }).map((steps, index) => {
      const naming = (["stem/layer", "layer_stem_layer", "numbered"] as const)[index % 3] ?? "numbered";
      return [`repeating-${index}`, imported(repeatingNetwork(steps, 5, naming))];
    }),
  ),
  // Names that train.ts uses itself.
  ...Object.fromEntries(["Train", "data", "paramServ", "resolveEpochs", "solver"].map((name) => [name, renamed(name)])),
};

function renamed(name: string): ImportedModel {
  const { network, ...rest } = lenet();
  return { ...rest, name, network: { ...network, name } };
}

let directory = "";
let program: ts.Program;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "paramserv-types-"));
  for (const [name, model] of Object.entries(models)) {
    writeFiles(join(directory, name), emitTypescript(model, { runtime: "^0.1.0" }), { force: false });
  }
  program = ts.createProgram(packages().flatMap(sources), compilerOptions());
}, 120_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function packages(): readonly string[] {
  const golden = readdirSync(goldens, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [
    ...Object.keys(models).map((name) => join(directory, name)),
    ...golden.map(({ name }) => join(goldens, name)),
  ];
}

function sources(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file));
}

/** The options of the packages themselves, with `paramserv` found in this repository's sources. */
function compilerOptions(): ts.CompilerOptions {
  const text = readFileSync(join(directory, "lenet/tsconfig.json"), "utf8");
  const { options, errors } = ts.parseJsonConfigFileContent(JSON.parse(text), ts.sys, join(directory, "lenet"));
  expect(errors).toEqual([]);
  const { rootDir: _, outDir: _outDir, ...rest } = options;
  return {
    ...rest,
    noEmit: true,
    paths: { paramserv: [join(root, "runtime/index.ts")] },
    typeRoots: [join(root, "node_modules/@types")],
  };
}

function problemsIn(file: string): readonly string[] {
  const source = program.getSourceFile(file);
  if (source === undefined) return [`${file} is not in the program`];
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
    ({ messageText, start = 0 }) => {
      const { line } = source.getLineAndCharacterOfPosition(start);
      return `${file}:${line + 1} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    },
  );
}

test("generated packages and goldens pass the type checker under their own strict options", () => {
  expect(program.getCompilerOptions().strict).toBe(true);
  // model.ts, solver.ts and train.ts of each, where a golden package is whole.
  expect(packages().flatMap(sources).length).toBeGreaterThan(3 * Object.keys(models).length);
  expect(packages().flatMap(sources).flatMap(problemsIn)).toEqual([]);
});

test("the type checker would find a wrong option", () => {
  const folder = join(directory, "wrong");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  const model = emitTypescript(lenet(), { runtime: "^0.1.0" })["model.ts"] ?? "";
  const file = join(folder, "model.ts");
  writeFileSync(file, model.replace("kernel: 5", 'kernel: "five"'));
  program = ts.createProgram([file], compilerOptions(), undefined, program);
  expect(problemsIn(file)).toHaveLength(1);
});
