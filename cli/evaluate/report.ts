import { formatCount, formatMetricName, formatNumberOf, formatScalar } from "../../runtime/report/format.js";
import { formatTable } from "../ui.js";
import type { Cell, ClassFigures, Confusion } from "./confusion.js";
import type { Evaluation } from "./evaluate-rows.js";

/** Classes whose whole matrix is shown, and rows of other tables; `--json` has all. */
const shown = 20;

/** The report that `evaluate` prints for a person. */
export function formatEvaluation({ rows, figures, labels }: Evaluation, network: string): string {
  const names = Object.keys(figures).map(formatMetricName);
  const width = Math.max(...names.map((name) => name.length));
  const lines = Object.values(figures).map((value, index) => {
    return `  ${(names[index] ?? "").padEnd(width)}  ${formatScalar(value)}`;
  });
  const parts = Object.entries(labels).flatMap(([label, confusion]) => [
    "",
    formatClasses(label, confusion),
    "",
    confusion.classes <= shown ? formatMatrix(confusion) : formatMistakes(confusion),
  ]);
  return [`Evaluated ${network} on ${formatNumberOf(rows, "row")}.`, ...lines, ...parts].join("\n");
}

function className({ names }: Confusion, index: number): string {
  return names?.[index] ?? String(index);
}

const share = (value: number | undefined): string => (value === undefined ? "-" : value.toFixed(4));

/** All classes that occur; where they are many, those that are told worst. */
function formatClasses(label: string, confusion: Confusion): string {
  const { figures } = confusion;
  const many = figures.length > shown;
  const present = figures.filter(({ support }) => support > 0);
  const rows = many ? present.toSorted((a, b) => (a.f1 ?? 0) - (b.f1 ?? 0)).slice(0, shown) : figures;
  const row = (title: string, one: Omit<ClassFigures, "class">) => [
    title,
    share(one.precision),
    share(one.recall),
    share(one.f1),
    formatCount(one.support),
  ];
  const table = formatTable(
    [
      { title: label, align: "left" },
      { title: "precision", align: "right" },
      { title: "recall", align: "right" },
      { title: "F1", align: "right" },
      { title: "support", align: "right" },
    ],
    [...rows.map((one) => row(className(confusion, one.class), one)), row("mean of classes", meanOf(present))],
  );
  const rest = `${formatCount(present.length - rows.length)} classes that are told better are left out; --json has all`;
  return many && present.length > rows.length ? `${table}\n${rest}` : table;
}

/** The mean over the classes that occur, each counting the same. A class that is never told has no precision: it counts 0. */
export function meanOf(figures: readonly ClassFigures[]): Omit<ClassFigures, "class"> {
  const mean = (of: (one: ClassFigures) => number | undefined) =>
    figures.length === 0 ? undefined : figures.reduce((sum, one) => sum + (of(one) ?? 0), 0) / figures.length;
  return {
    precision: mean(({ precision }) => precision),
    recall: mean(({ recall }) => recall),
    f1: mean(({ f1 }) => f1),
    support: figures.reduce((sum, { support }) => sum + support, 0),
  };
}

/** A row for each class that rows are of, a column for each that they are taken for. */
function formatMatrix(confusion: Confusion): string {
  const classes = Array.from({ length: confusion.classes }, (_, index) => index);
  const columns = classes.map((index) => ({ title: className(confusion, index), align: "right" }) as const);
  const rows = classes.map((actual) => [
    className(confusion, actual),
    ...classes.map((told) => {
      const count = confusion.count(actual, told);
      return count === 0 ? "·" : formatCount(count);
    }),
  ]);
  return formatTable([{ title: "is \\ told", align: "left" }, ...columns], rows);
}

/** The mistakes that are made most. */
function formatMistakes(confusion: Confusion): string {
  const mistakes = confusion.cells.filter(({ actual, told }) => actual !== told).toSorted((a, b) => b.count - a.count);
  const rows = mistakes.slice(0, shown).map(({ actual, told, count }) => {
    return [className(confusion, actual), className(confusion, told), formatCount(count)];
  });
  const columns = [
    { title: "is", align: "left" },
    { title: "told", align: "left" },
    { title: "times", align: "right" },
  ] as const;
  const rest = `${formatCount(mistakes.length - rows.length)} mistakes that are rarer are left out; --json has all`;
  return `${formatTable(columns, rows)}${mistakes.length > rows.length ? `\n${rest}` : ""}`;
}

/** How one class fared; a figure that there is not is null, such as the precision of a class that was never told. */
export interface JsonClass extends Pick<ClassFigures, "class" | "name" | "support"> {
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
}

/** How the rows of one label were told. */
export interface JsonConfusion {
  readonly accuracy: number | null;
  readonly classes: readonly JsonClass[];
  /** How often which class was told as which; pairs that never occur are left out. */
  readonly confusion: readonly Cell[];
}

/** What `evaluate --json` prints. */
export interface JsonEvaluation {
  readonly event: "evaluation";
  readonly rows: number;
  /** Losses and metrics, means over the rows; one that is not finite is null. */
  readonly figures: Readonly<Record<string, number | null>>;
  /** By the name of each label that holds classes. */
  readonly labels: Readonly<Record<string, JsonConfusion>>;
}

/** What `evaluate --json` prints, in one line. */
export function evaluationEvent({ rows, figures, labels }: Evaluation): JsonEvaluation {
  const known = (value: number | undefined) => (value !== undefined && Number.isFinite(value) ? value : null);
  const described = Object.entries(labels).map(([label, confusion]) => {
    const classes = confusion.figures.map(({ precision, recall, f1, ...one }) => {
      return { ...one, precision: known(precision), recall: known(recall), f1: known(f1) };
    });
    return [label, { accuracy: known(confusion.accuracy), classes, confusion: confusion.cells }] as const;
  });
  const finite = Object.entries(figures).map(([name, value]) => [name, known(value)]);
  return { event: "evaluation", rows, figures: Object.fromEntries(finite), labels: Object.fromEntries(described) };
}
