import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { convertModel, staleFiles, writeFiles } from "../../generators/targets/index.js";
import { type BaseError, isBaseError } from "../../runtime/errors.js";
import { everyLayer } from "./every-layer.js";
import { imported, lenet } from "./models.js";

const files = await convertModel(lenet(), "typescript", { runtime: "^0.1.0" });
const others = await convertModel(imported(everyLayer()), "typescript", { runtime: "^0.1.0" });

let home = "";
let directory = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "paramserv-package-"));
  directory = join(home, "deep/lenet");
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const read = (path: string) => readFileSync(join(directory, path), "utf8");

function errorOf(action: () => void): BaseError {
  try {
    action();
  } catch (error) {
    if (isBaseError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("writing", () => {
  test("makes the directory and writes exactly the files", () => {
    writeFiles(directory, files, { force: false });
    expect(readdirSync(directory).sort()).toEqual(Object.keys(files).sort());
    expect(read("model.ts")).toBe(files["model.ts"]);
    expect(staleFiles(directory, files)).toEqual([]);
  });

  test("the same model gives the same bytes", async () => {
    expect(await convertModel(lenet(), "typescript", { runtime: "^0.1.0" })).toEqual(files);
    expect(Object.values(files).join("")).not.toContain(tmpdir());
  });

  test("a package of ours is replaced while its files are as generated, and other files in it stay", () => {
    writeFiles(directory, files, { force: false });
    writeFileSync(join(directory, "notes.txt"), "mine");
    writeFiles(directory, others, { force: false });
    expect(staleFiles(directory, others)).toEqual([]);
    expect(read("notes.txt")).toBe("mine");
  });

  test("an edited file is kept, and named", () => {
    writeFiles(directory, files, { force: false });
    writeFileSync(join(directory, "model.ts"), "// mine\n");
    const error = errorOf(() => writeFiles(directory, others, { force: false }));
    expect(error.code).toBe("PACKAGE_FILE_EDITED");
    expect(error.message).toContain("model.ts would be overwritten");
    expect(read("model.ts")).toBe("// mine\n");
    expect(read("README.md")).toBe(files["README.md"]);
    writeFiles(directory, others, { force: true });
    expect(read("model.ts")).toBe(others["model.ts"]);
  });

  test("a file edited to what would be generated is no obstacle", () => {
    writeFiles(directory, files, { force: false });
    writeFileSync(join(directory, "model.ts"), String(others["model.ts"]));
    writeFiles(directory, others, { force: false });
    expect(staleFiles(directory, others)).toEqual([]);
  });

  test("a directory of other files is refused with their names, unless forced, and they stay", () => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "thesis.tex"), "mine");
    const error = errorOf(() => writeFiles(directory, files, { force: false }));
    expect(error.code).toBe("PACKAGE_DIRECTORY_NOT_EMPTY");
    expect(error.message).toContain("thesis.tex");
    expect(error.exitStatus).toBe(2);
    expect(readdirSync(directory)).toEqual(["thesis.tex"]);
    writeFiles(directory, files, { force: true });
    expect(staleFiles(directory, files)).toEqual([]);
    expect(read("thesis.tex")).toBe("mine");
  });

  test("a manifest that is not ours does not open a directory", () => {
    mkdirSync(directory, { recursive: true });
    for (const text of ["{}", "null", "[1", '{"generator":"paramserv","files":3}']) {
      writeFileSync(join(directory, ".paramserv.json"), text);
      expect(errorOf(() => writeFiles(directory, files, { force: false })).code).toBe("PACKAGE_DIRECTORY_NOT_EMPTY");
    }
  });
});

describe("what cannot be written leaves nothing behind", () => {
  test("a file where the directory should be", () => {
    writeFileSync(join(home, "deep"), "");
    expect(errorOf(() => writeFiles(directory, files, { force: false })).message).toContain(
      "a part of the path is a file",
    );
    expect(errorOf(() => writeFiles(join(home, "deep"), files, { force: true })).code).toBe("PACKAGE_UNWRITABLE");
  });

  test("a directory in the place of a file", () => {
    mkdirSync(join(directory, "model.ts"), { recursive: true });
    const error = errorOf(() => writeFiles(directory, files, { force: true }));
    expect(error.message).toContain("model.ts is a directory");
    expect(readdirSync(directory)).toEqual(["model.ts"]);
  });

  test("a path that the system refuses", () => {
    const error = errorOf(() => writeFiles(join(home, "x".repeat(300)), files, { force: false }));
    expect(error.code).toBe("PACKAGE_UNWRITABLE");
    expect(readdirSync(home)).toEqual([]);
  });

  // A superuser may write anywhere.
  test.skipIf(process.getuid?.() === 0)("a directory without permission", () => {
    mkdirSync(directory, { recursive: true });
    chmodSync(directory, 0o500);
    const error = errorOf(() => writeFiles(directory, files, { force: false }));
    expect(error.message).toContain("permission denied");
    chmodSync(directory, 0o700);
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe("checking", () => {
  test("names what is stale and what is missing, and writes nothing", () => {
    writeFiles(directory, files, { force: false });
    rmSync(join(directory, "README.md"));
    writeFileSync(join(directory, "solver.ts"), "");
    const { mtimeMs } = statSync(directory);
    expect(staleFiles(directory, files)).toEqual([
      { path: "README.md", state: "missing" },
      { path: "solver.ts", state: "stale" },
    ]);
    expect(statSync(directory).mtimeMs).toBe(mtimeMs);
  });

  test("a directory that is not there has every file missing", () => {
    expect(staleFiles(directory, files)).toHaveLength(Object.keys(files).length);
    expect(existsSync(directory)).toBe(false);
  });
});
