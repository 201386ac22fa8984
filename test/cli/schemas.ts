import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";

/** Checks values against a schema of docs/; gives back what is wrong. Nothing unknown passes: fields are closed. */
function checker(name: string): (value: unknown) => readonly string[] {
  const schema: unknown = JSON.parse(readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8"));
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  const validate = ajv.compile(schema as object);
  return (value) =>
    validate(value) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

/** What is wrong with a line of `train --json`. */
export const problemsOfEvent = checker("events.schema.json");
/** What is wrong with what `evaluate --json` prints. */
export const problemsOfEvaluation = checker("evaluation.schema.json");
/** What is wrong with what `inspect --json` prints. */
export const problemsOfDescription = checker("inspect.schema.json");
