import { formatSourceRef } from "../../runtime/errors.js";
import { printable } from "../../runtime/printable.js";
import { formatNumberOf, formatSeconds } from "../../runtime/report/format.js";
import { formatTable } from "../ui.js";
import { type Finding, isAsStored, type ModelResult, type Part, type RegressReport } from "./types.js";

/** `same`, `differs`, `within 2e-7`: a cell of the table. */
function cell({ states, deviation }: ModelResult, part: Part): string {
  const state = states[part];
  if (state === "none") return "-";
  return state === "close" && deviation !== undefined ? `within ${deviation.toExponential(0)}` : state;
}

/** One finding, its diff under it. */
export function formatFinding({ part, code, at, message, hint, diff = [] }: Finding): string {
  const place = at === undefined ? "" : `${formatSourceRef(at)}: `;
  const lines = [`${part}: ${place}${code === undefined ? "" : `${code}: `}${printable(message)}`];
  if (hint !== undefined) lines.push(`  hint: ${printable(hint)}`);
  return [...lines, ...diff.map((line) => `  ${printable(line)}`)].join("\n");
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}

function closing({ status, models, gone, updated, directory }: RegressReport): string {
  const bad = models.filter((model) => !isAsStored(model)).length + gone.length;
  const counted = formatNumberOf(models.length, "model");
  if (status === "interrupted") return `interrupted after ${counted}; nothing was written`;
  if (updated.length > 0)
    return `${formatNumberOf(updated.length, "record")} in ${directory} updated: ${updated.join(", ")}`;
  if (bad === 0) return `${counted}, all as stored`;
  const all = models.length + gone.length;
  const fresh = models.filter(({ states }) => states.import === "new").length;
  const isAllFresh = fresh === bad && models.every(({ states }) => !Object.values(states).includes("failed"));
  if (isAllFresh) {
    return `${bad} of ${formatNumberOf(all, "model")} ${bad === 1 ? "is" : "are"} new; --update stores what was found`;
  }
  return `${bad} of ${formatNumberOf(all, "model")} not as stored; --update accepts what was not an error`;
}

/** What is still to be said of a model: that there was no record is not, once one is stored. */
function findingsOf({ name, states, findings }: ModelResult, { updated }: RegressReport): readonly Finding[] {
  return updated.includes(name) ? findings.filter(({ part }) => states[part] !== "new") : findings;
}

/** The table of the models, what is other about each, and a last line that counts. */
export function formatReport(report: RegressReport): string {
  const { models, gone } = report;
  const left = ["model", "import", "code", "training"].map((title) => ({ title, align: "left" as const }));
  const rows = models.map((model) => [
    model.name,
    cell(model, "import"),
    cell(model, "code"),
    cell(model, "training"),
    formatSeconds(model.seconds),
  ]);
  const table = formatTable(
    [...left, { title: "time", align: "right" }],
    [...rows, ...gone.map((name) => [name, "gone", "-", "-", ""])],
  );
  const details = models
    .map((model) => [model.name, findingsOf(model, report).map((finding) => indent(formatFinding(finding)))] as const)
    .filter(([, findings]) => findings.length > 0)
    .map(([name, findings]) => [name, ...findings].join("\n"));
  const stale = gone.map((name) => `${name}\n  import: the model is not there any more, its record is`);
  return [table, ...details, ...stale, closing(report)].join("\n\n");
}
