// JSON Schemas of what `--json` prints, made of the TypeScript types with their comments.
import { fileURLToPath } from "node:url";
import { createGenerator } from "ts-json-schema-generator";

const path = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url));

/** The schema files of docs/: the type each is made of, and what it is called there. */
const rows = {
  "events.schema.json": {
    source: "runtime/report/events.ts",
    type: "JsonEvent",
    title: "One line of paramserv train --json",
  },
  "evaluation.schema.json": {
    source: "cli/evaluate/report.ts",
    type: "JsonEvaluation",
    title: "What paramserv evaluate --json prints",
  },
  "inspect.schema.json": {
    source: "cli/describe.ts",
    type: "ModelDescription",
    title: "What paramserv inspect --json prints",
  },
};

/** Codes come and go with versions: a program that checks what it reads must not stumble over a new one. */
const errorCode = {
  type: "string",
  pattern: "^[A-Z][A-Z0-9_]*$",
  description: "A row of docs/errors.md.",
};

/** The generator writes draft 07; draft 2020-12 calls the place of the definitions `$defs`. */
function schemaOf({ source, type, title }) {
  const options = { path: path(source), tsconfig: path("tsconfig.json"), type, skipTypeCheck: true };
  const { definitions, ...rest } = createGenerator(options).createSchema(type);
  const schema = {
    ...rest,
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title,
    $defs: { ...definitions, ErrorCode: errorCode },
  };
  return `${JSON.stringify(schema, null, 2).replaceAll("#/definitions/", "#/$defs/")}\n`;
}

/** The text of each schema file by its name. */
export function eventSchemas() {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, schemaOf(row)]));
}
