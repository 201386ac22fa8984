import { expect, it } from "vitest";
import { formatResult } from "../../cli/inspect-result.js";
import { formatFinding } from "../../cli/regress/report.js";
import { formatTable } from "../../cli/ui.js";
import { formatNote, formatProblem } from "../../runtime/errors.js";
import { printable } from "../../runtime/printable.js";
import { formatWeightReport } from "../../runtime/weights/index.js";

/** Clears a terminal, begins a line, turns text, and a C1 control that some terminals take for an escape. */
const evil = "a\u001b[2Jb\nc\u202ed\u009b";
const tame = "a\\u001b[2Jb\\u000ac\\u202ed\\u009b";

it("what steers a terminal is written out, other characters are kept", () => {
  expect(printable(evil)).toBe(tame);
  expect(printable("größe × 網路 🙂 ~")).toBe("größe × 網路 🙂 ~");
  expect(printable("\u0000\t\r\u007f\u0080\u009f\u00a0")).toBe("\\u0000\\u0009\\u000d\\u007f\\u0080\\u009f\u00a0");
});

it("names of files do not steer a terminal in problems and notes", () => {
  const note = { at: { file: evil, line: 3, path: evil }, message: evil, hint: evil };
  expect(formatNote(note)).toBe(`${tame}:3 (${tame}) note: ${tame}\n  hint: ${tame}`);
  expect(formatProblem({ code: "INTERNAL", at: { path: evil }, message: evil })).toBe(`${tame} INTERNAL: ${tame}`);
  const finding = { part: "code", message: evil, hint: evil, diff: [evil] } as const;
  expect(formatFinding(finding)).toBe(`code: ${tame}\n  hint: ${tame}\n  ${tame}`);
});

it("nor in tables, reports of weights and of results", () => {
  const column = { title: "name", align: "left" } as const;
  expect(formatTable([column, column], [[evil, "x"]]).split("\n")).toEqual([
    `name${" ".repeat(tame.length - 2)}name`,
    `${tame}  x`,
  ]);
  expect(formatWeightReport({ matched: ["a"], missing: [evil], surplus: [evil] }, evil)).toEqual([
    `weights: 1 of 2 arrays start from ${tame}; the optimizer and its schedule start anew`,
    `  missing there, so they start anew: ${tame}`,
    `  in the file alone, so they are left out: ${tame}`,
  ]);
  const described = {
    format: "result",
    variables: [{ name: evil, shape: [1] }],
    parameters: 1,
    metadata: { network: evil, [evil]: evil },
    facts: { [evil]: { [evil]: evil } },
    files: [evil],
  } as const;
  const lines = formatResult(evil, described);
  expect(lines.replaceAll("\n", "")).toBe(printable(lines.replaceAll("\n", "")));
  expect(lines.split("\n")).toHaveLength(14);
});
