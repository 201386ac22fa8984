import { expect, test } from "vitest";
import {
  call,
  lambda,
  list,
  object,
  printCode,
  text,
  wrapComments,
} from "../../generators/targets/typescript/layout.js";

const numbers = (count: number) => Array.from({ length: count }, (_, index) => text(String(index)));
const longest = (source: string) => Math.max(...source.split("\n").map((line) => line.length));

test("what fits stays on one line", () => {
  const code = call("conv2d", [text("data"), object({ name: text('"conv1"'), kernel: list([text("3"), text("5")]) })]);
  expect(printCode(code)).toBe('conv2d(data, { name: "conv1", kernel: [3, 5] })');
});

test("a long call is broken at its options, one a line", () => {
  const code = call("conv2d", [
    text("data"),
    object({ name: text('"conv1"'), filters: text("20"), pad: list(numbers(4)) }),
  ]);
  expect(printCode(code, { before: 80, after: 1 })).toBe(
    'conv2d(data, {\n  name: "conv1",\n  filters: 20,\n  pad: [0, 1, 2, 3],\n})',
  );
});

test("a value inside a broken call is broken again where it must be", () => {
  const steps = list(numbers(60));
  const code = call("sgd", [object({ learningRate: call("multistep", [object({ base: text("0.1"), steps })]) })]);
  const printed = printCode(code);
  expect(printed).toContain("sgd({\n  learningRate: multistep({\n    base: 0.1,\n    steps: [\n      0, 1,");
  expect(longest(printed)).toBeLessThanOrEqual(110);
});

test("a call with too many inputs for a line has one a line", () => {
  const inputs = Array.from({ length: 12 }, (_, index) => text(`inception_branch_${index}`));
  const printed = printCode(call("concat", [...inputs, object({ name: text('"c"') })]));
  expect(printed.split("\n")).toHaveLength(15);
  expect(printed).toContain("(\n  inception_branch_0,\n");
});

test("a property is shortened where its value has its name", () => {
  expect(printCode(object({ loss: text("loss"), prob: text("softmax_1") }))).toBe("{ loss, prob: softmax_1 }");
});

test("a function has each statement on a line of its own, broken where it must be, also inside another", () => {
  const long = call("g.op", [text('"Concat"'), list(numbers(60)), object({ axis: text("1") })]);
  const inner = lambda("g", [{ head: "", code: call("g.output", [text('"y"'), text("x")]) }]);
  const outer = lambda("g", [
    { head: "const x = ", code: long },
    { head: "const z = ", code: call("g.op", [text('"If"'), object({ branch: call("g.subgraph", [inner]) })]) },
  ]);
  const printed = printCode(call("graph", [text('"body"'), outer]));
  expect(printed).toMatch(/^graph\("body", \(g\) => \{\n {2}const x = g\.op\(\n/);
  expect(printed).toMatch(/\n {2}\);\n {2}const z = g\.op\("If", \{\n/);
  expect(printed).toContain('    branch: g.subgraph((g) => {\n      g.output("y", x);\n    }),\n  });\n})');
  expect(longest(printed)).toBeLessThanOrEqual(110);
});

test("documentation comments that names made too long are wrapped", () => {
  const name = "a_very_long_file_name_".repeat(3);
  const single = `/** Rows in a batch of one worker, as the file ${name} has it, and then some more words. */`;
  const printed = wrapComments(`${single}\nexport const x = 1;`);
  expect(printed).toMatch(/^\/\*\*\n \* Rows .*\n \* .*\n \*\/\nexport const x = 1;$/);
  expect(longest(printed)).toBeLessThanOrEqual(120);
  expect(wrapComments("/** short */\nconst y = 2;")).toBe("/** short */\nconst y = 2;");
});
