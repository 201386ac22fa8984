import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { optionPage } from "../../generators/option-page.js";
import { errorTable, supportTables } from "../../generators/support-tables.js";

const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");

test("docs/support.md is what the tables print (npm run docs)", () => {
  expect(page("support.md")).toBe(supportTables());
});

test("docs/errors.md is what the table prints (npm run docs)", () => {
  expect(page("errors.md")).toBe(errorTable());
});

test("docs/options.md is what the table prints (npm run docs)", () => {
  expect(page("options.md")).toBe(optionPage());
});
