import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { messageType } from "../../generators/caffe/schema/index.js";
import { Problems } from "../../generators/source/problems.js";
import { checkMessage } from "../../generators/source/prototxt/check.js";
import { parseText } from "../../generators/source/prototxt/parser.js";
import { formatProblem, type Problem } from "../../runtime/errors.js";

interface ReadResult {
  readonly data: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
}

/** Reads text as a message of Caffe's; a layer's problems and a broken structure are all in `problems`. */
function read(text: string, type = "NetParameter"): ReadResult {
  const problems = new Problems();
  const { root } = parseText(text, "t.prototxt", problems);
  const message = checkMessage(root, messageType(type), "the net", { file: "t.prototxt", problems });
  return { data: message.toData(), problems: problems.sorted() };
}

const accepted: readonly (readonly [what: string, type: string, text: string, data: unknown])[] = [
  ["an empty file", "NetParameter", "", {}],
  ["comments and every kind of space", "NetParameter", '# a\r\n\t\v\fname\r:# b\n"x" # c', { name: ["x"] }],
  ["a space before the colon", "NetParameter", 'name : "a"', { name: ["a"] }],
  ["no colon before a brace", "NetParameter", "state { level: 1 }", { state: [{ level: [1] }] }],
  ["a colon before a brace", "NetParameter", "state: { level: 1 }", { state: [{ level: [1] }] }],
  ["angle brackets", "NetParameter", "state < level: 1 >", { state: [{ level: [1] }] }],
  ["scalar lists", "BlobShape", "dim: [1, 2 # two\n, 3] dim: 4", { dim: [1, 2, 3, 4] }],
  ["an empty list", "BlobShape", "dim: []", {}],
  ["message lists without a colon", "NetParameter", "layer [{},<>]", { layer: [{}, {}] }],
  [
    "commas and semicolons between fields",
    "NetState",
    "level: 1, stage: 'a'; stage: 'b' ;",
    { level: [1], stage: ["a", "b"] },
  ],
  ["a name right after a string", "NetState", 'stage:"a"level:1', { stage: ["a"], level: [1] }],
  ["enum names and numbers", "PoolingParameter", "pool: AVE", { pool: ["AVE"] }],
  ["enum numbers", "PoolingParameter", "pool: 1", { pool: ["AVE"] }],
  ["true as t", "SolverParameter", "debug_info: t", { debug_info: [true] }],
  ["true as True", "SolverParameter", "debug_info: True", { debug_info: [true] }],
  ["true as 1", "SolverParameter", "debug_info: 1", { debug_info: [true] }],
  ["false as f", "SolverParameter", "debug_info: f", { debug_info: [false] }],
  ["hexadecimal and octal numbers", "BlobShape", "dim: 0x1F dim: 010 dim: - 5", { dim: [31, 8, -5] }],
  [
    "floats in every form",
    "FillerParameter",
    "value: 1. min: .5 max: 1e-3 mean: 2.5f std: 3F",
    { value: [1], min: [0.5], max: [0.001], mean: [2.5], std: [3] },
  ],
  [
    "infinities",
    "FillerParameter",
    "value: inf min: -Infinity max: 1e400",
    { value: [Infinity], min: [-Infinity], max: [Infinity] },
  ],
  ["a whole number for a float", "FillerParameter", "value: 3", { value: [3] }],
  ["strings side by side", "NetParameter", `name: "a" 'b'\n"c"`, { name: ["abc"] }],
  ["the other quote inside", "NetParameter", `name: "it's"`, { name: ["it's"] }],
  ["escapes", "NetParameter", String.raw`name: "\n\t\\\'\"\?\101\x42\u00e9\U0001F600"`, { name: ["\n\t\\'\"?ABé😀"] }],
  ["a surrogate pair", "NetParameter", String.raw`name: "\ud83d\ude00"`, { name: ["😀"] }],
  ["bytes of UTF-8", "NetParameter", String.raw`name: "\303\251é"`, { name: ["éé"] }],
];

const rejected: readonly (readonly [what: string, type: string, text: string, code: string, place: string])[] = [
  ["C++ comments", "NetParameter", '// a\nname: "x"', "PROTOTXT_SYNTAX", "1:1"],
  ["C comments", "NetParameter", '/* a */ name: "x"', "PROTOTXT_SYNTAX", "1:1"],
  ["a byte order mark", "NetParameter", '\ufeffname: "x"', "PROTOTXT_SYNTAX", "1:1"],
  ["a no-break space", "NetParameter", 'name:\u00a0"x"', "PROTOTXT_SYNTAX", "1:6"],
  ["a NUL", "NetParameter", 'name:\0"x"', "PROTOTXT_SYNTAX", "1:6"],
  ["a name in the wrong case", "NetParameter", 'Name: "x"', "PROTOTXT_FIELD_UNKNOWN", "1:1"],
  ["a field number", "NetParameter", '1: "x"', "PROTOTXT_SYNTAX", "1:1"],
  ["braces around the file", "NetParameter", '{ name: "x" }', "PROTOTXT_SYNTAX", "1:1"],
  ["no colon before a scalar", "NetParameter", 'name "x"', "PROTOTXT_SYNTAX", "1:6"],
  ["no colon before a scalar list", "BlobShape", "dim [3]", "PROTOTXT_SYNTAX", "1:6"],
  ["no colon before an empty scalar list", "BlobShape", "dim []", "PROTOTXT_SYNTAX", "1:1"],
  ["a pair of different braces", "NetParameter", "state { level: 1 >", "PROTOTXT_SYNTAX", "1:18"],
  ["a missing comma in a list", "BlobShape", "dim: [1 2]", "PROTOTXT_SYNTAX", "1:9"],
  ["a trailing comma in a list", "BlobShape", "dim: [1,]", "PROTOTXT_SYNTAX", "1:9"],
  ["a list in a list", "BlobShape", "dim: [[1]]", "PROTOTXT_SYNTAX", "1:7"],
  ["a list for a singular field", "NetState", "level: [1]", "PROTOTXT_VALUE_INVALID", "1:1"],
  ["two separators", "NetState", "level: 1;;", "PROTOTXT_SYNTAX", "1:10"],
  ["a leading separator", "NetState", ", level: 1", "PROTOTXT_SYNTAX", "1:1"],
  ["a number that touches a name", "BlobShape", "dim: 10bar", "PROTOTXT_SYNTAX", "1:6"],
  ["a number with underscores", "BlobShape", "dim: 1_000", "PROTOTXT_SYNTAX", "1:6"],
  ["a quoted enum value", "PoolingParameter", 'pool: "AVE"', "PROTOTXT_VALUE_INVALID", "1:7"],
  ["an enum value in the wrong case", "PoolingParameter", "pool: ave", "PROTOTXT_VALUE_INVALID", "1:7"],
  ["an unknown enum number", "PoolingParameter", "pool: 9", "PROTOTXT_VALUE_INVALID", "1:7"],
  ["TRUE", "SolverParameter", "debug_info: TRUE", "PROTOTXT_VALUE_INVALID", "1:13"],
  ["yes", "SolverParameter", "debug_info: yes", "PROTOTXT_VALUE_INVALID", "1:13"],
  ["2 for a bool", "SolverParameter", "debug_info: 2", "PROTOTXT_VALUE_INVALID", "1:13"],
  ["a fraction for a whole number", "BlobShape", "dim: 1.0", "PROTOTXT_VALUE_INVALID", "1:6"],
  ["an exponent for a whole number", "BlobShape", "dim: 1e3", "PROTOTXT_VALUE_INVALID", "1:6"],
  ["a whole number out of range", "NetState", "level: 2147483648", "PROTOTXT_VALUE_INVALID", "1:8"],
  ["a negative count", "ConvolutionParameter", "num_output: -1", "PROTOTXT_VALUE_INVALID", "1:13"],
  ["an octal number with a 9", "BlobShape", "dim: 019", "PROTOTXT_SYNTAX", "1:6"],
  ["a hexadecimal float", "FillerParameter", "value: 0x10", "PROTOTXT_VALUE_INVALID", "1:8"],
  ["a float with a leading 0", "FillerParameter", "value: 00.9", "PROTOTXT_SYNTAX", "1:8"],
  ["an octal number for a float", "FillerParameter", "value: 010", "PROTOTXT_VALUE_INVALID", "1:8"],
  ["a leading plus", "FillerParameter", "value: +1", "PROTOTXT_SYNTAX", "1:8"],
  ["a quoted float", "FillerParameter", 'value: "1"', "PROTOTXT_VALUE_INVALID", "1:8"],
  ["a string without quotes", "NetParameter", "name: lenet", "PROTOTXT_VALUE_INVALID", "1:7"],
  ["smart quotes", "NetParameter", "name: “lenet”", "PROTOTXT_SYNTAX", "1:7"],
  ["an unknown escape", "NetParameter", String.raw`name: "\q"`, "PROTOTXT_SYNTAX", "1:7"],
  ["half a surrogate pair", "NetParameter", String.raw`name: "\ud83d"`, "PROTOTXT_SYNTAX", "1:7"],
  ["a code point beyond Unicode", "NetParameter", String.raw`name: "\U00110000"`, "PROTOTXT_SYNTAX", "1:7"],
  ["a singular field given twice", "NetParameter", 'name: "a"\nname: "b"', "PROTOTXT_FIELD_REPEATED", "2:1"],
  [
    "a singular message given twice",
    "LayerParameter",
    "relu_param {}\nrelu_param {}",
    "PROTOTXT_FIELD_REPEATED",
    "2:1",
  ],
  ["an extension", "NetParameter", "[caffe.extra]: 1", "PROTOTXT_SYNTAX", "1:1"],
  ["a missing required field", "LayerParameter", "clip_param { min: 0 }", "PROTOTXT_FIELD_MISSING", "1:1"],
  ["a message where a scalar belongs", "NetState", "level { }", "PROTOTXT_VALUE_INVALID", "1:7"],
  ["a scalar where a message belongs", "NetParameter", "state: 1", "PROTOTXT_VALUE_INVALID", "1:8"],
];

describe("prototxt", () => {
  test.each(accepted)("accepts %s", (_what, type, text, data) => {
    const result = read(text, type);
    expect(result.problems.map(formatProblem)).toEqual([]);
    expect(result.data).toEqual(data);
  });

  test("rejects a string over two lines, at its first line", () => {
    const { problems } = read('name: "le\nnet"');
    expect(problems[0]).toMatchObject({ code: "PROTOTXT_SYNTAX", at: { line: 1, column: 7 } });
  });

  test("accepts nan in any case", () => {
    const [value] = read("value: NaN", "FillerParameter").data.value as number[];
    expect(value).toBeNaN();
  });

  test.each(rejected)("rejects %s", (_what, type, text, code, place) => {
    const { problems } = read(text, type);
    const found = problems.map(({ code: found, at }) => `${found} ${at?.line}:${at?.column}`);
    expect(found).toEqual([`${code} ${place}`]);
  });

  test("reports every problem of a text at once, in order, and keeps what is right", () => {
    const text =
      'name "a"\nstate { level 1\n  stage: "s" }\ninput_dim: [1, x]\ninput: 3\nforce_backward: maybe\ninput: "q"\n';
    const { problems, data } = read(text);
    expect(problems.map(({ at }) => at?.line)).toEqual([1, 2, 4, 5, 6]);
    expect(data).toEqual({ state: [{ stage: ["s"] }], input_dim: [1], input: ["q"] });
  });

  test("a missing brace is reported where the indentation shows it", () => {
    const { problems } = read("layer {\n  relu_param {\n    engine: CAFFE\n}\nlayer {\n  name: 'b'\n}\n");
    expect(problems[0]?.message).toContain('"layer" opened at 1:7');
    expect(problems[0]?.hint).toContain("the field at 5:1");
  });

  test("a brace too many is reported at its place", () => {
    const { problems } = read("state { }\n}\n");
    expect(problems.map(formatProblem)).toEqual([
      't.prototxt:2:1 PROTOTXT_SYNTAX: "}" closes nothing: no message is open here',
    ]);
  });

  test("messages nested without end are refused, not followed", () => {
    const { problems } = read("state {".repeat(200_000));
    expect(problems.map(({ code }) => code)).toContain("PROTOTXT_TOO_LARGE");
  });

  test("texts that make a careless reader slow are read or refused in linear time", () => {
    const long = 2 ** 19;
    const texts = [
      `name: "${"\\\\".repeat(long)}"`,
      `name: "${"\\u0041".repeat(long / 4)}"`,
      "#\n".repeat(long),
      `dim: ${"9".repeat(long)}`,
      `${"\n".repeat(long)}name: "${"a".repeat(long)}`,
      "[".repeat(long),
      "dim: 1 ".repeat(long / 4),
      "“".repeat(long),
      `${"x".repeat(long)}: 1`,
    ];
    for (const text of texts) {
      const start = performance.now();
      read(text, "BlobShape");
      expect(performance.now() - start).toBeLessThan(4000);
    }
  });

  test("any text ends in a result or problems", () => {
    const pieces = [
      "layer",
      "name",
      "{",
      "}",
      "<",
      ">",
      ":",
      "[",
      "]",
      ",",
      ";",
      '"a"',
      "'",
      '"',
      "\\",
      "-",
      "1",
      "0x",
      ".5",
      "#",
      "\n",
      " ",
      "inf",
    ];
    const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })), { maxLength: 60 });
    fc.assert(
      fc.property(text, (parts) => {
        const { problems } = read(parts.join(""));
        return problems.every(({ at }) => at !== undefined && (at.line ?? 0) >= 1 && (at.column ?? 0) >= 1);
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});
