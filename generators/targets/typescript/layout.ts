import { propertyName } from "./literals.js";

/** An expression that prints on one line where it fits, else broken at its brackets as a formatter would. */
export type Code =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly Code[] }
  | { readonly kind: "object"; readonly entries: readonly Entry[] }
  | { readonly kind: "call"; readonly callee: string; readonly args: readonly Code[] }
  /** A function with statements: always broken, each statement on a line of its own. */
  | { readonly kind: "function"; readonly parameters: string; readonly statements: readonly Statement[] };

/** `const y = ` or nothing, then an expression. */
export interface Statement {
  readonly head: string;
  readonly code: Code;
}

/** A property; its value is left out where it is the variable of the same name. */
interface Entry {
  readonly name: string;
  readonly value: Code;
}

/** Columns that printed code keeps within. */
export const width = 110;

export function text(of: string): Code {
  return { kind: "text", text: of };
}

export function call(callee: string, args: readonly Code[]): Code {
  return { kind: "call", callee, args };
}

export function list(items: readonly Code[]): Code {
  return { kind: "list", items };
}

export function lambda(parameters: string, statements: readonly Statement[]): Code {
  return { kind: "function", parameters, statements };
}

export function object(properties: Readonly<Record<string, Code>>): Code {
  return { kind: "object", entries: Object.entries(properties).map(([name, value]) => ({ name, value })) };
}

function entryHead({ name, value }: Entry): string {
  return value.kind === "text" && value.text === name ? "" : `${propertyName(name)}: `;
}

function flat(code: Code): string {
  switch (code.kind) {
    case "text":
      return code.text;
    case "list":
      return `[${code.items.map(flat).join(", ")}]`;
    case "call":
      return `${code.callee}(${code.args.map(flat).join(", ")})`;
    case "object": {
      const entries = code.entries.map((entry) => `${entryHead(entry)}${flat(entry.value)}`);
      return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
    }
    case "function":
      return functionText(code, "");
  }
}

function functionText({ parameters, statements }: Extract<Code, { kind: "function" }>, indent: string): string {
  const inner = `${indent}  `;
  const lines = statements.map(({ head, code }) => {
    return `${inner}${head}${printCode(code, { indent: inner, before: head.length, after: 1 })};`;
  });
  return [`(${parameters}) => {`, ...lines, `${indent}}`].join("\n");
}

/** Items one a line, between brackets. */
function block(open: string, lines: readonly string[], close: string, indent: string): string {
  return [open, ...lines.map((line) => `${indent}  ${line},`), `${indent}${close}`].join("\n");
}

/** A long list of numbers or names: as many a line as fit. */
function filled(items: readonly string[], indent: string): string {
  const lines: string[] = [];
  let line = "";
  for (const item of items) {
    if (line !== "" && indent.length + 2 + line.length + item.length + 3 > width) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? item : `, ${item}`;
  }
  return block("[", [...lines, line], "]", indent);
}

function brokenCall(callee: string, args: readonly Code[], indent: string): string {
  const last = args.at(-1);
  const head = `${callee}(${args
    .slice(0, -1)
    .map((arg) => `${flat(arg)}, `)
    .join("")}`;
  if (last !== undefined && last.kind !== "text" && indent.length + head.length <= width - 20) {
    return `${head}${broken(last, indent)})`;
  }
  return block(
    `${callee}(`,
    args.map((arg) => printCode(arg, { indent: `${indent}  `, after: 1 })),
    ")",
    indent,
  );
}

function broken(code: Code, indent: string): string {
  switch (code.kind) {
    case "text":
      return code.text;
    case "list":
      return filled(code.items.map(flat), indent);
    case "call":
      return code.args.length === 0 ? flat(code) : brokenCall(code.callee, code.args, indent);
    case "object": {
      const lines = code.entries.map((entry) => {
        const head = entryHead(entry);
        return `${head}${printCode(entry.value, { indent: `${indent}  `, before: head.length, after: 1 })}`;
      });
      return block("{", lines, "}", indent);
    }
    case "function":
      return functionText(code, indent);
  }
}

export interface Place {
  /** Blanks before the line that the code starts on. Default none. */
  readonly indent?: string;
  /** Columns that are taken before and after the code on its line. Default 0. */
  readonly before?: number;
  readonly after?: number;
}

/** Prints an expression on one line if it keeps within 110 columns, else broken at its brackets. */
export function printCode(code: Code, { indent = "", before = 0, after = 0 }: Place = {}): string {
  const line = flat(code);
  const fits = !line.includes("\n") && indent.length + before + line.length + after <= width;
  return fits ? line : broken(code, indent);
}

/** Breaks text at blanks into lines of at most `columns`. */
function wrapped(line: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of line.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** Wraps the documentation comments of a file that are too long because a name in them is. */
export function wrapComments(source: string): string {
  const lines = source.split("\n").flatMap((line) => {
    if (line.length <= width + 10) return [line];
    const single = /^\/\*\* (.*) \*\/$/.exec(line)?.[1];
    if (single !== undefined) return ["/**", ...wrapped(single, width).map((part) => ` * ${part}`), " */"];
    const inner = /^ \* (\S.*)$/.exec(line)?.[1];
    return inner === undefined ? [line] : wrapped(inner, width).map((part) => ` * ${part}`);
  });
  return lines.join("\n");
}
