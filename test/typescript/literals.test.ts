import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  commentText,
  countText,
  markdownCode,
  markdownText,
  numberLiteral,
  placeText,
  propertyName,
  stringLiteral,
} from "../../generators/targets/typescript/literals.js";
import { awkwardNames } from "./models.js";

/** Runs source text as the expression it is. */
function evaluate(source: string): unknown {
  return new Function(`"use strict"; return (${source});`)();
}

describe("number literals", () => {
  test.each([
    [0, "0"],
    [-0, "-0"],
    [0.1, "0.1"],
    [Math.fround(0.1), "0.1"],
    [Math.fround(0.0005), "0.0005"],
    [1 / 256, "0.00390625"],
    [1e-7, "1e-7"],
    [Math.fround(1e-7), "1e-7"],
    [0.5, "0.5"],
    [10000, "10000"],
    [1e21, "1e+21"],
    [2 ** 24, "16777216"],
    [-1.5, "-1.5"],
    [Number.NaN, "Number.NaN"],
    [Number.POSITIVE_INFINITY, "Number.POSITIVE_INFINITY"],
    [Number.NEGATIVE_INFINITY, "Number.NEGATIVE_INFINITY"],
    [Math.PI, "3.141592653589793"],
    [Math.fround(Math.PI), "3.1415927"],
  ])("%d prints as %s", (value, text) => {
    expect(numberLiteral(value)).toBe(text);
  });

  test("a float64 reads back as itself", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        fc.pre(Math.fround(value) !== value);
        expect(evaluate(numberLiteral(value))).toBe(value);
      }),
    );
  });

  test("a float32 reads back as the same float32, in at most 9 digits", () => {
    fc.assert(
      fc.property(fc.float({ noInteger: true }), (value) => {
        const text = numberLiteral(value);
        expect(Math.fround(evaluate(text) as number)).toBe(value);
        const digits = text
          .replace(/e.*$/, "")
          .replace(/^-?0?\.?0*/, "")
          .replace(/\D/g, "");
        if (Number.isFinite(value)) expect(digits.length).toBeLessThanOrEqual(12);
      }),
    );
  });
});

describe("strings", () => {
  test("any string reads back as itself, from printable characters only", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...awkwardNames));
    fc.assert(
      fc.property(text, (value) => {
        const literal = stringLiteral(value);
        expect(evaluate(literal)).toBe(value);
        expect(literal).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  test("a property with any name is that property", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom(...awkwardNames)), (name) => {
        const made = evaluate(`{ ${propertyName(name)}: 7 }`) as object;
        expect(Object.entries(made)).toEqual([[name, 7]]);
      }),
    );
  });

  test("no text can end a comment or its line", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...awkwardNames)), (value) => {
        const comment = commentText(value);
        expect(evaluate(`/** ${comment} */ 1`)).toBe(1);
        expect(evaluate(`// ${comment}\n2`)).toBe(2);
      }),
    );
  });

  test("code in Markdown keeps its backticks and does not end a table cell", () => {
    expect(markdownCode("conv1")).toBe("`conv1`");
    expect(markdownCode("a|b")).toBe("`a\\|b`");
    expect(markdownCode("a`b``c")).toBe("``` a`b``c ```");
  });
});

test("text in Markdown shows as it is", () => {
  expect(markdownText("its test_iter *has* no `effect` <b> [x](y)")).toBe(
    "its test_iter \\*has\\* no \\`effect\\` \\<b> \\[x\\](y)",
  );
  expect(markdownText("_a_ line\nmore")).toBe("\\_a\\_ line more");
});

test("counts have thousands separators in any locale", () => {
  expect([0, 999, 1000, 431080, 1234567].map(countText)).toEqual(["0", "999", "1,000", "431,080", "1,234,567"]);
});

test("a place is a file without its directories, and a line", () => {
  expect(placeText({ file: "/home/me/nets/lenet.prototxt", line: 12, column: 3 })).toBe("lenet.prototxt:12");
  expect(placeText({ file: "lenet.prototxt" })).toBe("lenet.prototxt");
  expect(placeText({ line: 3 })).toBe("");
  expect(placeText(undefined)).toBe("");
});
