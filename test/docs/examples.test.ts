import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, test } from "vitest";

/** Every `@example` of a doc comment is a program: all are type-checked together, each as a module of its own. */
const root = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/** What an example leaves open is a tensor, but for these; everything else is the public API. */
const standIns: Readonly<Record<string, string>> = {
  lenet: "Network",
  dataset: "Dataset",
  run: "ParamservResult",
  result: "ParamservResult",
  flags: "TrainingFlags",
  program: "TrainingProgram",
  onProgress: 'TrainingTools["onProgress"]',
  say: 'TrainingTools["say"]',
  train: "Dataset",
  validation: "Dataset",
  weights: "ParameterList",
  options: "ParamservOptions",
  main: "Scalar",
  auxiliary: "Scalar",
};

interface Example {
  readonly place: string;
  readonly code: string;
}

function sourceFiles(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".as.ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** The examples of a file: after the tag to the next tag or the end of the comment. */
function examplesOf(file: string): readonly Example[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap(({ 0: comment, index }) => {
    const lines = comment.replace(/\s*\*\/$/, "").split("\n");
    const plain = lines.map((line) => line.replace(/^\s*(\/\*\*|\*) ?/, ""));
    const line = text.slice(0, index).split("\n").length;
    return plain.flatMap((start, at) => {
      if (!start.startsWith("@example")) return [];
      const rest = plain.slice(at + 1);
      const end = rest.findIndex((next) => next.startsWith("@"));
      const code = [start.slice("@example".length), ...(end < 0 ? rest : rest.slice(0, end))].join("\n");
      return [{ place: `${file.slice(root.length + 1)}:${line + at}`, code }];
    });
  });
}

const examples = ["runtime", "generators", "cli"].flatMap(sourceFiles).flatMap(examplesOf);

/** The names that a program reads, those of properties aside. */
function namesUsed(code: string): readonly string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    const named = node.parent !== undefined && "name" in node.parent && node.parent.name === node;
    const shorthand = node.parent !== undefined && ts.isShorthandPropertyAssignment(node.parent);
    if (ts.isIdentifier(node) && node.text !== "" && (!named || shorthand)) names.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("example.ts", code, ts.ScriptTarget.ES2023, true));
  return names;
}

/** Whose exports examples call without an import: the public API, and the entries that the command line calls. */
const entries = ["runtime/index", "runtime/picture/index", "generators/index", "generators/targets/index"];

/** The values that a module exports. */
function valuesOf(program: ts.Program, entry: string): readonly string[] {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(join(root, `${entry}.ts`)) as ts.SourceFile;
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(source) as ts.Symbol);
  const isValue = (symbol: ts.Symbol) => {
    const meant = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    return (meant.flags & ts.SymbolFlags.Value) !== 0;
  };
  return exported.filter(isValue).map(({ name }) => name);
}

/** The prelude makes the exports and the stand-ins global, so that an example may declare any of them itself. */
function prelude(all: readonly Example[]): string {
  const files = entries.map((entry) => join(root, `${entry}.ts`));
  const program = ts.createProgram(files, options());
  const known = new Map<string, string>();
  for (const [index, entry] of entries.entries()) {
    for (const name of valuesOf(program, entry)) {
      if (!known.has(name)) known.set(name, `typeof api${index}.${name}`);
    }
  }
  for (const name of all.flatMap(({ code }) => namesUsed(code))) {
    if (!known.has(name) && !(name in globalThis)) known.set(name, `api0.${standIns[name] ?? "Tensor"}`);
  }
  return [
    ...entries.map((entry, index) => `import type * as api${index} from "${join(root, entry)}.js";`),
    "declare global {",
    ...[...known].map(([name, type]) => `const ${name}: ${type};`),
    "}",
  ].join("\n");
}

function options(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile) as {
    config: { compilerOptions: unknown };
  };
  const { options: read } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  return { ...read, noUnusedLocals: false, noUnusedParameters: false, isolatedModules: false };
}

/** What the compiler says of each example, by its place. */
function check(all: readonly Example[]): ReadonlyMap<string, readonly string[]> {
  const virtual = new Map(all.map(({ code }, index) => [join(root, `example${index}.ts`), `${code}\nexport {};\n`]));
  virtual.set(join(root, "example-prelude.ts"), prelude(all));
  const compilerOptions = options();
  const host = ts.createCompilerHost(compilerOptions);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (file) => virtual.has(file) || fileExists(file);
  host.readFile = (file) => virtual.get(file) ?? readFile(file);
  host.getSourceFile = (file, language, ...more) => {
    const text = virtual.get(file);
    return text === undefined
      ? getSourceFile(file, language, ...more)
      : ts.createSourceFile(file, text, language, true);
  };
  const program = ts.createProgram([...virtual.keys()], compilerOptions, host);
  const messages = (file: string) =>
    [
      ...program.getSyntacticDiagnostics(program.getSourceFile(file)),
      ...program.getSemanticDiagnostics(program.getSourceFile(file)),
    ].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  expect(messages(join(root, "example-prelude.ts"))).toEqual([]);
  return new Map(all.map(({ place }, index) => [place, messages(join(root, `example${index}.ts`))]));
}

describe("examples in doc comments", () => {
  const wrong: readonly Example[] = [
    { place: "wrong option", code: 'conv2d(x, { name: "a", filters: "many", kernel: 3 });' },
    { place: "no such function", code: "convolve(x);" },
    { place: "no syntax", code: "relu(x, …);" },
  ];
  let said: ReadonlyMap<string, readonly string[]>;
  beforeAll(() => {
    said = check([...examples, ...wrong]);
  }, 120_000);

  test("are found", () => {
    expect(examples.length).toBeGreaterThan(60);
  });

  test("type-check", () => {
    const failing = examples.filter(({ place }) => said.get(place)?.length !== 0);
    expect(failing.map(({ place, code }) => ({ place, code, messages: said.get(place) }))).toEqual([]);
  });

  test("would be noticed if they did not", () => {
    for (const { place } of wrong) expect(said.get(place), place).not.toEqual([]);
  });
});
