import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type ErrorCode, errorCodes, isBaseError } from "../../runtime/errors.js";
import { misuses } from "../layers/misuses.js";
import { provoked, provokedIn } from "./provoked.js";

/**
 * Every code is met by a user somewhere: in a golden file of what a command or an importer says, by a misuse of a layer, by
 * a case of provoked.ts, or in a test that is named there.
 */
const root = new URL("../..", import.meta.url).pathname;
const codes = Object.keys(errorCodes) as readonly ErrorCode[];

/** The codes at the head of a problem in the golden files, which their own tests compare with what is printed. */
const golden = new Set(
  ["test/caffe/golden", "test/cli/golden/bad"].flatMap((folder) =>
    readdirSync(join(root, folder)).flatMap((file) => {
      if (!file.endsWith(".txt")) return [];
      const text = readFileSync(join(root, folder, file), "utf8");
      return [...text.matchAll(/^(?:.* )?([A-Z]+(?:_[A-Z]+)+): /gm)].map(([, code]) => code);
    }),
  ),
);
const misused = new Set(Object.values(misuses).flatMap((list) => list.flatMap((misuse) => misuse.codes)));

async function codesOf(run: () => unknown): Promise<readonly string[]> {
  try {
    await run();
  } catch (error) {
    if (isBaseError(error)) return error.problems.map(({ code }) => code);
    throw error;
  }
  return [];
}

describe("every error code", () => {
  test("is provoked somewhere", () => {
    const places = [golden, misused, new Set(Object.keys(provoked)), new Set(Object.keys(provokedIn))];
    expect(codes.filter((code) => !places.some((place) => (place as ReadonlySet<string>).has(code)))).toEqual([]);
  });

  test.each(Object.entries(provoked))("%s", async (code, run) => {
    expect(await codesOf(run)).toContain(code);
  });

  test.each(Object.entries(provokedIn))("%s is compared in %s", (code, file) => {
    const text = readFileSync(join(root, file), "utf8");
    const program = text.replaceAll(/^\s*(\/\/|\*|\/\*\*).*$/gm, "");
    expect(program).toMatch(new RegExp(`\\b${code}\\b`));
  });

  test("says what to do about it, in a sentence", () => {
    for (const [code, { remedy }] of Object.entries(errorCodes)) expect(remedy, code).toMatch(/^[A-Z].+\.$/);
  });
});
