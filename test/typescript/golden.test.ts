import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { importModel } from "../../generators/index.js";
import { convertModel } from "../../generators/targets/index.js";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The solver of each fixture model, and how its package is asked for. */
const fixtures = {
  lenet: { inputShape: [1, 28, 28], options: { data: "../digits.npz" } },
  cifar10_quick: { inputShape: [3, 32, 32], options: { k: 4, epochs: 8, scheme: "DISJOINT_ROUND_ROBIN" } },
} as const;

describe.each(Object.entries(fixtures))("the package of %s", (name, { inputShape, options }) => {
  test("is as it was agreed, file by file", async () => {
    const imported = await importModel(at(`fixtures/models/${name}/${name}_solver.prototxt`), { inputShape });
    const files = await convertModel(imported, "typescript", { runtime: "^0.1.0", ...options });
    for (const [path, text] of Object.entries(files)) {
      await expect(text).toMatchFileSnapshot(`../golden/typescript/${name}/${path}`);
    }
    const folder = at(`test/golden/typescript/${name}`);
    const present = existsSync(folder) ? readdirSync(folder) : [];
    expect(present.filter((path) => !Object.hasOwn(files, path))).toEqual([]);
  });
});
