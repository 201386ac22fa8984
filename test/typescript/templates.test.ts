import { readdirSync } from "node:fs";
import Handlebars from "handlebars";
import { expect, test } from "vitest";
import { viewModel } from "../../generators/targets/typescript/model-view.js";
import { viewPackage, viewReadme } from "../../generators/targets/typescript/readme-view.js";
import { viewSolver } from "../../generators/targets/typescript/solver-view.js";
import { readTemplate, render } from "../../generators/targets/typescript/templates.js";
import { trainVariables } from "../../generators/targets/typescript/train-names.js";
import { viewTrain } from "../../generators/targets/typescript/train-view.js";
import { branching } from "../blocks/networks.js";
import { everyLayer } from "./every-layer.js";
import { imported, lenet } from "./models.js";

const model = { ...lenet(), notes: [{ message: "a note" }] };
const options = { runtime: "^0.1.0", data: "digits.npz" };

const views: Readonly<Record<string, object>> = {
  "README.md": viewReadme(model, options),
  gitignore: {},
  "model.ts": viewModel(imported(branching())),
  npmrc: {},
  "package.json": viewPackage(model, options),
  "solver.ts": viewSolver(model, options),
  "train.ts": viewTrain(model, options, "iterations"),
  "tsconfig.json": {},
};

interface Scope {
  readonly view: Readonly<Record<string, unknown>>;
  readonly problems: string[];
}

function lookUp(path: hbs.AST.Expression, { view, problems }: Scope): unknown {
  if (path.type !== "PathExpression") {
    problems.push(`a ${path.type} where only a path may be`);
    return undefined;
  }
  const { original, depth } = path as hbs.AST.PathExpression;
  if (depth > 0 || !Object.hasOwn(view, original)) problems.push(`no ${original} in ${Object.keys(view).join(", ")}`);
  return view[original];
}

function walkBlock(block: hbs.AST.BlockStatement, scope: Scope): void {
  const helper = block.path.original;
  const [subject] = block.params;
  if (subject === undefined || block.params.length > 1 || block.hash !== undefined) {
    scope.problems.push(`${helper} has not one plain parameter`);
    return;
  }
  const value = lookUp(subject, scope);
  if (helper === "if" || helper === "unless") {
    if (typeof value !== "boolean") scope.problems.push(`${helper} is given ${typeof value}`);
    for (const body of [block.program, block.inverse]) if (body) walk(body, scope);
  } else if (helper === "each") {
    if (!Array.isArray(value) || value.length === 0) scope.problems.push("each is given no list, or an empty one");
    for (const view of Array.isArray(value) ? value : []) walk(block.program, { ...scope, view });
  } else {
    scope.problems.push(`helper ${helper}`);
  }
}

function walk(program: hbs.AST.Program, scope: Scope): void {
  for (const statement of program.body) {
    if (statement.type === "MustacheStatement") {
      const { path, params } = statement as hbs.AST.MustacheStatement;
      if (params.length > 0) scope.problems.push("a helper in a mustache");
      const value = lookUp(path as hbs.AST.Expression, scope);
      if (typeof value !== "string") scope.problems.push(`a mustache prints a ${typeof value}`);
    } else if (statement.type === "BlockStatement") {
      walkBlock(statement as hbs.AST.BlockStatement, scope);
    } else if (statement.type !== "ContentStatement" && statement.type !== "CommentStatement") {
      scope.problems.push(statement.type);
    }
  }
}

test("every template has a view here, and every view its template", () => {
  const files = readdirSync(new URL("../../templates/typescript", import.meta.url)).sort();
  expect(files).toEqual(
    Object.keys(views)
      .map((name) => `${name}.hbs`)
      .sort(),
  );
});

test.each(Object.keys(views))("each path in the template %s is in its view, of the right type", (name) => {
  const problems: string[] = [];
  walk(Handlebars.parse(readTemplate(name)), { view: { ...views[name] }, problems });
  expect(problems).toEqual([]);
});

test("a field that the view lacks is an error, not an empty text", () => {
  expect(() => render("package.json", { name: '"x"' })).toThrow(/description/);
});

test("the README says which arrays a network of several inputs needs", () => {
  const one = render("README.md", views["README.md"] ?? {});
  expect(one).toContain("`FILE` holds features (`data`: 1×28×28) and labels: .npz, .npy, IDX or CSV, also gzipped.");
  const several = render("README.md", viewReadme(imported(everyLayer()), options));
  expect(several).toContain(
    "`FILE` is an .npz file with an array for each input (`image`: 3×17×19, `vector`: 12 values,",
  );
  expect(several).toContain(
    "`tokens`: T whole numbers) and each label (`digit`: one class number, `word`: T class numbers,",
  );
  expect(several).toContain("`--input NAME=ARRAY` and `--label NAME=ARRAY`");
  expect(several).not.toContain("IDX");
});

test("nothing is escaped", () => {
  const { name: _, ...view } = views["package.json"] as Record<string, string>;
  expect(render("package.json", { ...view, name: `"a < b && 'c'"` })).toContain(`"name": "a < b && 'c'"`);
});

test("the names that train.ts declares are kept from the network", () => {
  const text = [
    readTemplate("train.ts"),
    render("train.ts", viewTrain({ ...model, network: { ...model.network, name: "x" } }, options, "epochs")),
  ].join("\n");
  const declared = [
    ...text.matchAll(/const (?:[{[] ?([\w, ]+?) ?[}\]]|(\w+)) =/g),
    ...text.matchAll(/\(\{ ([\w, ]+) \}\) =>/g),
  ]
    .flatMap(([, list, single]) => (list ?? single ?? "").split(", "))
    .filter((name) => name !== "x");
  expect([...new Set(declared)].sort()).toEqual([...trainVariables]);
});
