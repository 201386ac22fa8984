import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ModelFileError } from "../runtime/errors.js";
import { printable } from "../runtime/printable.js";
import { requireRegularFile } from "../runtime/regular-file.js";
import { formatCount } from "../runtime/report/format.js";
import { readSafetensors } from "../runtime/results/index.js";
import { countElements } from "../runtime/shape.js";
import { formatTable } from "./ui.js";

/** What `inspect --json` prints of a result folder. */
export interface ResultDescription {
  readonly format: "result";
  readonly variables: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly parameters: number;
  /** What the weights' file says about itself: network, seed, epochs. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The JSON files beside it, by name. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** The names of all files, sorted. */
  readonly files: readonly string[];
}

const weights = "model.safetensors";

/** Whether a path is a folder that training wrote. */
export function isResultDirectory(path: string): boolean {
  return existsSync(join(path, weights));
}

async function readOrFail(file: string): Promise<Buffer> {
  try {
    requireRegularFile(file);
    return await readFile(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelFileError({ code: "MODEL_FILE_MISSING", at: { file }, message: `it cannot be read: ${reason}` });
  }
}

async function readJson(file: string): Promise<unknown> {
  const text = (await readOrFail(file)).toString("utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelFileError({ code: "MODEL_FORMAT_UNKNOWN", at: { file }, message: `it is not JSON: ${reason}` });
  }
}

/** Reads the weights' names and shapes, their metadata and the JSON files of a result folder. */
export async function describeResult(directory: string): Promise<ResultDescription> {
  const file = join(directory, weights);
  const { tensors, metadata } = readSafetensors(await readOrFail(file), file);
  const files = (await readdir(directory)).sort();
  const facts: [string, unknown][] = [];
  for (const name of files) if (name.endsWith(".json")) facts.push([name, await readJson(join(directory, name))]);
  const variables = Object.entries(tensors).map(([name, { shape }]) => ({ name, shape }));
  return {
    format: "result",
    variables,
    parameters: countElements(variables),
    metadata,
    facts: Object.fromEntries(facts),
    files,
  };
}

/** A fact in a line: texts as they are, everything else as JSON, no longer than a line. */
function shortFact(value: unknown): string {
  const text = printable(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
  return text.length > 90 ? `${text.slice(0, 89)}…` : text;
}

function formatFacts(title: string, facts: unknown): readonly string[] {
  const found = typeof facts === "object" && facts !== null ? Object.entries(facts) : [["", facts] as const];
  const entries = found.map(([name, value]) => [printable(name), value] as const);
  if (entries.length === 0) return [];
  const width = Math.max(...entries.map(([name]) => name.length));
  return [
    "",
    printable(title),
    ...entries.map(([name, value]) => `  ${name.padEnd(width)}  ${shortFact(value)}`.trimEnd()),
  ];
}

/** The report of a result folder for a person. */
export function formatResult(directory: string, result: ResultDescription): string {
  const { variables, parameters, metadata, facts, files } = result;
  const rows = variables.map((variable) => [
    variable.name,
    variable.shape.join("×") || "1",
    formatCount(countElements([variable])),
  ]);
  return [
    printable(`${metadata.network ?? directory} (result), from ${directory}`),
    "",
    formatTable(
      [
        { title: "variable", align: "left" },
        { title: "shape", align: "left" },
        { title: "values", align: "right" },
      ],
      rows,
    ),
    "",
    `parameters  ${formatCount(parameters)} in ${variables.length} arrays`,
    `files       ${files.map(printable).join(", ")}`,
    ...formatFacts(weights, metadata),
    ...Object.entries(facts).flatMap(([name, fact]) => formatFacts(name, fact)),
  ].join("\n");
}
