import { engines } from "../runtime/engines/index.js";
import { errorCodes } from "../runtime/errors.js";
import { operators } from "../runtime/graph/operators/index.js";
import type { Operator } from "../runtime/graph/operators/operator.js";
import { parseInput } from "../runtime/graph/operators/signature.js";
import { phases } from "../runtime/graph/passes/index.js";
import { formatInitializer, initializers, type LayerDefinition, layers } from "../runtime/layers/index.js";
import { isInitializer } from "../runtime/layers/initializers.js";
import { optimizers } from "../runtime/optimizers/index.js";
import { schedules } from "../runtime/optimizers/schedules.js";
import type { OptionRow } from "../runtime/options/row.js";
import { optionsIn, runOptions } from "../runtime/options/table.js";
import { targets } from "../runtime/targets/index.js";
import { layerTypes, unsupportedTypes } from "./caffe/layers/index.js";
import { importers } from "./index.js";
import { targets as conversions } from "./targets/index.js";

const code = (text: string) => `\`${text}\``;
const list = (names: readonly string[]) => names.map(code).join(" ");

/** A cell of a Markdown table: no line may break it, no bar may end it. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function describeOption([name, kind]: [string, LayerDefinition["options"][string]]): string {
  const value = kind.fallback === undefined ? undefined : kind.print(kind.fallback);
  const fallback =
    value === undefined ? "" : ` = ${isInitializer(value) ? formatInitializer(value) : JSON.stringify(value)}`;
  return `${code(`${name}${kind.required ? "" : "?"}`)}: ${kind.expected}${fallback}`;
}

function layerTable(): string {
  const rows = Object.values<LayerDefinition>(layers).map(({ type, role, inputs, options }) => [
    code(type),
    role,
    inputs.map((text) => parseInput(text).name).join(", "),
    Object.entries(options).map(describeOption).join("; "),
  ]);
  return table(["layer", "role", "inputs", "options beside `name` and `at`"], rows);
}

function operatorTable(): string {
  const meaning = { stops: "none by nature", missing: "not yet" } as const;
  const rows = Object.entries<Operator>(operators).map(([name, { doc, signature, gradient }]) => [
    code(name),
    doc,
    signature.inputs.map(code).join(", "),
    Object.keys(signature.attributes).map(code).join(", "),
    typeof gradient === "string" ? meaning[gradient] : gradient === undefined ? "of its decomposition" : "yes",
  ]);
  return table(["operator", "what it computes", "inputs", "attributes", "gradient"], rows);
}

function phaseTable(): string {
  const rows = Object.entries(phases).map(([phase, passes]) => [phase, list(passes)]);
  return table(["phase", "passes, in order"], rows);
}

function choiceTable(): string {
  const rows = Object.entries<OptionRow>(optionsIn(runOptions, "paramserv")).flatMap(([name, row]) =>
    row.kind === "choice" ? [[code(name), list(row.choices)]] : [],
  );
  return table(["option of `paramserv()`", "values"], rows);
}

/** What paramserv supports, as Markdown, printed from the tables that the code runs on. */
export function supportTables(): string {
  const sections: readonly (readonly [string, string])[] = [
    [
      "Formats",
      table(
        ["format", "what"],
        Object.entries(importers).map(([format, { describe }]) => [code(format), describe]),
      ),
    ],
    [
      "What models are converted to",
      table(
        ["target", "what"],
        Object.entries(conversions).map(([name, { describe }]) => [code(name), describe]),
      ),
    ],
    ["Caffe layer types", list(layerTypes)],
    ["Caffe layer types that are known but refused", list(unsupportedTypes)],
    ["Layers", layerTable()],
    ["Initializers", list(Object.keys(initializers))],
    ["Operators", operatorTable()],
    ["Passes, by phase", phaseTable()],
    ["Targets that graphs are lowered for", list(Object.keys(targets))],
    ["Engines", list(Object.keys(engines))],
    ["Optimizers", list(Object.keys(optimizers))],
    ["Learning-rate policies", list(Object.keys(schedules))],
    ["Parameter server", choiceTable()],
  ];
  const body = sections.map(([title, text]) => `## ${title}\n\n${text}\n`).join("\n");
  return `# What is supported\n\nPrinted from the code's tables by \`npm run docs\`.\n\n${body}`;
}

const severities = { 2: "input", 3: "run", 70: "defect" } as const;

/** Every error code, as Markdown. */
export function errorTable(): string {
  const rows = Object.entries(errorCodes).map(([name, { exit, meaning, remedy }]) => [
    code(name),
    severities[exit],
    `${exit}`,
    meaning,
    remedy,
  ]);
  return `# Error codes\n\nPrinted from \`runtime/error-codes.ts\` by \`npm run docs\`. Severity goes with the exit status: 2 the input is at fault, 3 the run failed, 70 a defect of paramserv. Notes have no code and change no status.\n\n${table(["code", "severity", "exit", "meaning", "what to do"], rows)}\n`;
}
