import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { residual } from "../blocks/networks.js";
import { imported } from "../typescript/models.js";
import { makePackage } from "../typescript/package-runner.js";
import { runNode } from "./run-cli.js";

const bin = new URL("../../dist/cli/bin.js", import.meta.url).pathname;

describe("the comments of a package", () => {
  let directory = "";
  let fresh = "";
  const read = () => readFileSync(join(directory, "model.ts"), "utf8");
  const write = (text: string) => writeFileSync(join(directory, "model.ts"), text);
  const shapes = (...flags: readonly string[]) =>
    runNode([bin, "shapes", directory, ...flags], { timeout: 120_000, cwd: directory });

  /** What changes, as `before` and `after` of each line. */
  const changes = (before: string, after: string) => {
    const [old, now] = [before.split("\n"), after.split("\n")];
    expect(now).toHaveLength(old.length);
    return now.flatMap((line, index) => (line === old[index] ? [] : [`${old[index]} → ${line}`]));
  };

  beforeAll(async () => {
    directory = await makePackage(imported(residual([2, 2, 2])), {});
    fresh = read();
  }, 240_000);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test("are true after the conversion", { timeout: 200_000 }, async () => {
    const { status, stderr } = await shapes("--check");
    expect(stderr).toContain("model.ts: all comments on shapes are true");
    expect(status).toBe(0);
    expect(read()).toBe(fresh);
  });

  test("are printed again after an edit, and nothing else", { timeout: 400_000 }, async () => {
    const edited = fresh
      .replace("filters: 4, kernel: 3, pad: 1 });\n", "filters: 6, kernel: 3 });\n")
      .replace(
        '// 3×32×32\nconst data = input("data", [3, 32, 32]);',
        '// 3×32×32 · mine · for you\r\nconst data = input("data", [3, 30, 30]);',
      )
      .replace(
        "// 10 values\nconst prob",
        '// ?\nconst wide = dense(flat, { name: "wide", units: 7 });\n// the 3×3 of mine\nconst prob',
      )
      .replace("softmax(fc, ", "softmax(wide, ");
    write(edited);
    const check = await shapes("--check");
    expect(check.stderr).toContain("of comments would change");
    expect(check.status).toBe(1);
    expect(read()).toBe(edited);

    const { status, stderr } = await shapes();
    expect(stderr).toContain("of comments printed again");
    expect(status).toBe(0);
    expect(changes(edited, read()).slice(0, 6)).toEqual([
      " * First use, res2a_relu: 4×32×32 → 16×32×32. →  * First use, res2a_relu: 6×28×28 → 16×28×28.",
      " * First use, res2b_relu: 16×32×32 → 16×32×32. →  * First use, res2b_relu: 16×28×28 → 16×28×28.",
      "// 3×32×32 · mine · for you\r → // 3×30×30 · mine · for you\r",
      "// 4×32×32 · 112 parameters → // 6×28×28 · 168 parameters",
      "// 4×32×32 → // 6×28×28",
      "// 16×32×32 · 448 parameters → // 16×28×28 · 488 parameters",
    ]);
    expect(read()).toContain("// 7 values · 16,135 parameters\nconst wide = dense(");
    expect(read()).toContain("// the 3×3 of mine\nconst prob");
    const once = read();
    expect((await shapes()).stderr).toContain("all comments on shapes are true");
    expect(read()).toBe(once);
    expect(readdirSync(join(directory, "dist")).filter((name) => name.includes("shapes"))).toEqual([]);
  });

  test("stay where the file does not compile or the model is refused", { timeout: 200_000 }, async () => {
    const wrong = fresh.replace("filters: 4, kernel: 3, pad: 1 }", "filters: 4, kernel: 77, pad: 1 }");
    write(wrong);
    const { status, stderr } = await shapes();
    expect(status).toBe(2);
    expect(stderr).toContain("conv1");
    expect(stderr).not.toContain("    at ");
    expect(read()).toBe(wrong);
    expect(readdirSync(join(directory, "dist")).filter((name) => name.includes("shapes"))).toEqual([]);
  });
});
