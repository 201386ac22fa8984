// Prints the tables of docs/ from the build, and the schemas of what --json prints from the types.
import { writeFileSync } from "node:fs";
import { optionPage } from "../dist/generators/option-page.js";
import { errorTable, supportTables } from "../dist/generators/support-tables.js";
import { eventSchemas } from "./event-schemas.mjs";

const tables = { "support.md": supportTables(), "errors.md": errorTable(), "options.md": optionPage() };
const files = { ...tables, ...eventSchemas() };
for (const [name, text] of Object.entries(files)) writeFileSync(new URL(`../docs/${name}`, import.meta.url), text);
