import ts from "typescript";
import { describe, expect, test } from "vitest";
import { freshComment, freshComments } from "../../cli/shapes/comments.js";
import type { Recorded } from "../../cli/shapes/record.js";
import { readSource } from "../../cli/shapes/source.js";
import { dense, input, split } from "../../runtime/layers/index.js";

const x = input("x", [6]);
const y = dense(x, { name: "y", units: 1300 });
const made = (tensor: typeof y, ...more: readonly (typeof y)[]): Recorded => ({
  ends: [tensor, ...more],
  made: [tensor.layer],
  taken: [x],
});

describe("a comment above a layer", () => {
  test.each([
    ["// 3×3", "// 1300 values · 9,100 parameters"],
    ["// ?", "// 1300 values · 9,100 parameters"],
    ["// ? · why", "// 1300 values · 9,100 parameters · why"],
    ["// 10 values · 7 parameters · net.prototxt:3–9", "// 1300 values · 9,100 parameters · net.prototxt:3–9"],
    ["// T×4 whole numbers · net.prototxt:3 · mine", "// 1300 values · 9,100 parameters · net.prototxt:3 · mine"],
    ["// one class number", "// 1300 values · 9,100 parameters"],
    ["// 2N*T + 3 values", "// 1300 values · 9,100 parameters"],
    ["// 5 values, 2×3 and one flag · 1 parameter", "// 1300 values · 9,100 parameters"],
    ["// mean over the batch", "// 1300 values · 9,100 parameters"],
  ])("%s is printed again", (before, after) => {
    expect(freshComment(before, made(y))).toBe(after);
  });

  test.each([
    "// the 3×3 of mine",
    "// mine · 10 values",
    "// a few values of mine",
    "/* 3×3 */",
    "//",
    "// 3×3 is small",
  ])("%s is the user's", (comment) => {
    expect(freshComment(comment, made(y))).toBeUndefined();
  });

  test("of several outputs says them all", () => {
    const [a, b] = split(x, { name: "cut", sizes: [2, 4] });
    if (a === undefined || b === undefined) throw new Error("two parts");
    expect(freshComment("// ?", made(a, b))).toBe("// 2 values and 4 values");
  });
});

describe("the text of a model file", () => {
  const fresh = (text: string): string => {
    const source = readSource(ts, text);
    return freshComments(text, source, new Map(source.layers.map((_, index) => [index, made(y)])));
  };
  const now = "// 1300 values · 9,100 parameters";

  test("keeps everything but the comment directly above a layer", () => {
    const text = [
      "#!/usr/bin/env node",
      "/* 3×3 */ const a = f(1);",
      "// 3×3",
      "",
      "const b = f(2);",
      "// 3×3",
      "/** 3×3 */",
      "const c = f(3);",
      "const text = `",
      "// 3×3",
      "const d = f(4);`;",
      "if (b) {",
      "  // 3×3",
      "  const e = f(5);",
      "}",
      "// 3×3",
      "const g = 5;",
      "// 3×3",
      "const h = f(1), i = f(2);",
    ].join("\r\n");
    expect(fresh(text)).toBe(text);
  });

  test("has the comment above a layer printed again, also one of several calls or with another line end", () => {
    expect(fresh("// 3×3\r\nconst a = f(1);\r\n\t// 1×1\r\n\tconst [, b] = g.h(\n1)\n")).toBe(
      `${now}\r\nconst a = f(1);\r\n\t${now}\r\n\tconst [, b] = g.h(\n1)\n`,
    );
    expect(fresh("// note\n// 3×3\nexport const a = f(1)")).toBe(`// note\n${now}\nexport const a = f(1)`);
  });

  test("has the lines on a function's first use printed again, beside what the user says of it", () => {
    const doc = (lines: string) => `/**\n * Mine.\n${lines}\n * More.\n */\nfunction f(x) { return x; }\n`;
    const calls = "const a = f(x);\nconst b = f(a);\n";
    const before = doc(" * 2 layers, used 7 times: dense, relu.\n * First use, q: 3×3 → 1×1.") + calls;
    const after = doc(" * 1 layer, used 2 times: dense.\n * First use, a: 6 values → 1300 values.") + calls;
    expect(fresh(before)).toBe(after);
    expect(fresh(after)).toBe(after);
  });
});
