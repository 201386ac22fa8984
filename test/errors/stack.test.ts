import { expect, it } from "vitest";
import { framesOf } from "../../runtime/stack.js";

it("frames of a stack are those of files, not of Node's own modules", () => {
  const error = new Error("x");
  error.stack = [
    "Error: x",
    "    at Object.readFileSync (node:fs:442:20)",
    "    at run (node:internal/modules/esm/loader:3:9)",
    "    at node:internal/main/run_main_module:28:49",
    "    at call (file:///home/a%20b/x.mjs:3:9)",
    "    at async /home/y.ts:4:1",
    "    at /home/with space/z.ts:5:2",
  ].join("\n");
  expect(framesOf(error)).toEqual([
    { file: "/home/a b/x.mjs", line: 3, column: 9 },
    { file: "/home/y.ts", line: 4, column: 1 },
    { file: "/home/with space/z.ts", line: 5, column: 2 },
  ]);
});
