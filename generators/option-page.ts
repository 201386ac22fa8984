import { expectation } from "../runtime/options/expectation.js";
import { camelCase, dashed } from "../runtime/options/row.js";
import type { OptionPlace, RunOptionRow } from "../runtime/options/run-row.js";
import { runOptions } from "../runtime/options/table.js";

/** A cell of a Markdown table: no bar may end it. */
const cell = (text: string): string => text.replaceAll("|", "\\|");

const places: Readonly<Record<OptionPlace, string>> = {
  train: "`train`",
  convert: "`convert`",
  solver: "`convert`",
  package: "packages",
  paramserv: "`paramserv()`",
};

function defaultText({ default: words, fallback, builtin }: RunOptionRow): string {
  const usual = words ?? (fallback === undefined ? "" : String(fallback));
  return builtin === undefined || String(builtin) === usual ? usual : `${usual}; of \`paramserv()\`: ${builtin}`;
}

function line([name, row]: readonly [string, RunOptionRow]): string {
  const flags = [dashed(name), ...(row.alias === undefined ? [] : [dashed(row.alias)])].map((flag) => `\`${flag}\``);
  const where = [...new Set(row.in.map((place) => places[place]))].join(", ");
  const cells = [
    flags.join(" "),
    `\`${camelCase(name)}\``,
    expectation(row, "text"),
    defaultText(row),
    row.describe,
    where,
  ];
  return `| ${cells.map(cell).join(" | ")} |`;
}

/** The option table as Markdown: what each option takes, does without it and means, and where it can be given. */
export function optionPage(): string {
  const groups = new Map<string, string[]>();
  for (const [name, row] of Object.entries<RunOptionRow>(runOptions)) {
    const title = row.group ?? "Options";
    groups.set(title, [...(groups.get(title) ?? []), line([name, row])]);
  }
  const head = "| option | in code | takes | default | what it is | taken by |\n| --- | --- | --- | --- | --- | --- |";
  const sections = [...groups].map(([title, lines]) => `## ${title}\n\n${head}\n${lines.join("\n")}\n`);
  return `# Options of a run

Printed from \`runtime/options\` by \`npm run docs\`. The names in code are those of \`paramserv()\`, of the defaults in a
package's train.ts, and of a configuration file: \`paramserv.config.json\`, \`.js\` or \`.ts\` in the current directory (or
the file that \`--config\` names) holds options of \`train\`; what is typed wins over it. A package has the defaults of
\`paramserv()\` where its train.ts says nothing; \`convert\` prints those of \`train\` into it.

A batch is that of one worker (\`batchsize\`), as it is for \`paramserv()\`. The batch of all workers together is the
global batch (\`globalBatchsize\`), which is what model files speak of: each of k workers takes ⌈globalBatchsize / k⌉ rows.

${sections.join("\n")}`;
}
