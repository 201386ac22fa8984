// Prints docs/support.md and docs/errors.md from the tables of the build.
import { writeFileSync } from "node:fs";
import { errorTable, supportTables } from "../dist/generators/support-tables.js";

writeFileSync(new URL("../docs/support.md", import.meta.url), supportTables());
writeFileSync(new URL("../docs/errors.md", import.meta.url), errorTable());
