import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { importModel } from "../../generators/index.js";
import { isBaseError } from "../../runtime/errors.js";

const folder = "fixtures/bad/caffe";
const files = readdirSync(folder).filter((name) => name !== "origin.md");

async function messageOf(file: string): Promise<string> {
  const error: unknown = await importModel(file).catch((reason: unknown) => reason);
  if (!isBaseError(error)) throw new Error(`${file} ended in ${String(error)}`);
  return error.message;
}

describe("a bad Caffe file", () => {
  test.each(files)("%s is refused with its golden message", async (name) => {
    const message = await messageOf(join(folder, name));
    await expect(`${message}\n`).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  test("that does not exist, or is a directory, is refused", async () => {
    expect(await messageOf("nowhere.prototxt")).toBe(
      "nowhere.prototxt MODEL_FILE_MISSING: the model file cannot be read: no such file\n" +
        "  hint: give the path of an existing file",
    );
    expect(await messageOf(folder)).toContain("it is a directory");
  });

  test("of another format is refused with the formats that are known", async () => {
    expect(await messageOf("package.json")).toContain("MODEL_FORMAT_UNKNOWN");
  });
});
