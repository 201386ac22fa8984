import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, test } from "vitest";

/** Every `@example` of a doc comment is a program: all are type-checked together, each as a module of its own. */
const root = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/** What an example leaves open is a tensor, but for these; everything else is the public API. */
const standIns: Readonly<Record<string, string>> = {
  lenet: "api.Network",
  dataset: "api.Dataset",
  run: "api.ParamservResult",
  main: "api.Scalar",
  auxiliary: "api.Scalar",
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

/** The prelude makes the public API and the stand-ins global, so that an example may declare any of them itself. */
function prelude(all: readonly Example[]): string {
  const api = join(root, "runtime/index.js");
  const program = ts.createProgram([join(root, "runtime/index.ts")], options());
  const source = program.getSourceFile(join(root, "runtime/index.ts")) as ts.SourceFile;
  const checker = program.getTypeChecker();
  const symbol = checker.getSymbolAtLocation(source) as ts.Symbol;
  const values = checker.getExportsOfModule(symbol).filter((exported) => {
    const target = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    return target.flags & ts.SymbolFlags.Value;
  });
  const known = new Set([...values.map(({ name }) => name), "importModel"]);
  const open = [...new Set(all.flatMap(({ code }) => namesUsed(code)))];
  const others = open.filter((name) => !known.has(name) && !(name in globalThis));
  return [
    `import type * as api from "${api}";`,
    `import type * as generators from "${join(root, "generators/index.js")}";`,
    "declare global {",
    ...values.map(({ name }) => `const ${name}: typeof api.${name};`),
    "const importModel: typeof generators.importModel;",
    ...others.map((name) => `const ${name}: ${standIns[name] ?? "api.Tensor"};`),
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
