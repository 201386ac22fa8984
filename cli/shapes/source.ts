import type ts from "typescript";

/** A `const x = call(…)` at the top of a module. */
export interface LayerStatement {
  /** Where the call stands in the text. */
  readonly start: number;
  readonly end: number;
  /** The first variable that it declares. */
  readonly variable: string;
  /** The function that is called, where it is called by a plain name. */
  readonly callee: string | undefined;
  /** The line comment directly above: from its `//` to the end of its line. */
  readonly comment: Range | undefined;
}

/** A `function f(…) { … }` at the top of a module. */
export interface FunctionStatement {
  readonly name: string;
  /** Behind the brace that opens its body. */
  readonly body: number;
  /** How often it is called in the file. */
  readonly calls: number;
  readonly comment: Range | undefined;
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What matters of a model file. */
export interface ModelSource {
  readonly layers: readonly LayerStatement[];
  readonly functions: readonly FunctionStatement[];
}

/** The compiler of a package, which has it as a dependency; this one does not. */
export type Compiler = typeof ts;

/** The last comment before a statement, if nothing but a line end and blanks is between them. */
function commentAbove(compiler: Compiler, text: string, statement: ts.Statement, start: number): Range | undefined {
  const last = compiler.getLeadingCommentRanges(text, statement.getFullStart())?.at(-1);
  if (last === undefined || !/^\r?\n[ \t]*$/.test(text.slice(last.end, start))) return undefined;
  return { start: last.pos, end: last.end };
}

function firstVariable(compiler: Compiler, name: ts.BindingName): string | undefined {
  if (compiler.isIdentifier(name)) return name.text;
  for (const element of name.elements) {
    if (compiler.isBindingElement(element)) return firstVariable(compiler, element.name);
  }
  return undefined;
}

function layerStatement(compiler: Compiler, text: string, statement: ts.Statement): LayerStatement | undefined {
  if (!compiler.isVariableStatement(statement)) return undefined;
  const [declaration, ...others] = statement.declarationList.declarations;
  const call = declaration?.initializer;
  if (declaration === undefined || call === undefined || others.length > 0) return undefined;
  const variable = firstVariable(compiler, declaration.name);
  if (!compiler.isCallExpression(call) || variable === undefined) return undefined;
  return {
    start: call.getStart(),
    end: call.getEnd(),
    variable,
    callee: compiler.isIdentifier(call.expression) ? call.expression.text : undefined,
    comment: commentAbove(compiler, text, statement, statement.getStart()),
  };
}

/** How often each function is called by its plain name. */
function callCounts(compiler: Compiler, file: ts.SourceFile): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const visit = (node: ts.Node): void => {
    if (compiler.isCallExpression(node) && compiler.isIdentifier(node.expression)) {
      counts.set(node.expression.text, (counts.get(node.expression.text) ?? 0) + 1);
    }
    node.forEachChild(visit);
  };
  visit(file);
  return counts;
}

/** Finds the layers and functions of a model file. */
export function readSource(compiler: Compiler, text: string): ModelSource {
  const file = compiler.createSourceFile("model.ts", text, compiler.ScriptTarget.ESNext, true);
  const calls = callCounts(compiler, file);
  const layers = file.statements.flatMap((statement) => layerStatement(compiler, text, statement) ?? []);
  const functions = file.statements.flatMap((statement): readonly FunctionStatement[] => {
    if (!compiler.isFunctionDeclaration(statement)) return [];
    const { name, body } = statement;
    if (name === undefined || body === undefined) return [];
    const comment = commentAbove(compiler, text, statement, statement.getStart());
    return [{ name: name.text, body: body.getStart() + 1, calls: calls.get(name.text) ?? 0, comment }];
  });
  return { layers, functions };
}
