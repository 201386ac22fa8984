import type { NumberLimits, OptionRow } from "./row.js";

/** How values are given: as text on a command line, or as values of a program or a configuration file. */
export type Form = "text" | "value";

function limitsText({ min, max, above, below }: NumberLimits): string {
  return [
    min === undefined ? "" : ` ≥ ${min}`,
    above === undefined ? "" : ` > ${above}`,
    max === undefined ? "" : ` ≤ ${max}`,
    below === undefined ? "" : ` < ${below}`,
  ]
    .filter((limit) => limit !== "")
    .join(" and");
}

function choicesText(choices: readonly string[], form: Form): string {
  const shown = form === "text" ? choices : choices.map((choice) => JSON.stringify(choice));
  return shown.length === 1 ? `${shown[0]}` : `one of ${shown.join(", ")}`;
}

function shapeText(form: Form): string {
  return form === "text"
    ? "axis lengths ≥ 1 with commas, such as 1,28,28"
    : "a list of axis lengths ≥ 1, such as [1, 28, 28]";
}

/** What an option takes, for messages: `a whole number ≥ 1`. */
export function expectation(row: OptionRow, form: Form): string {
  switch (row.kind) {
    case "integer":
      return `a whole number${limitsText(row)}`;
    case "number":
      return `a number${limitsText(row)}`;
    case "choice":
      return `${choicesText(row.choices, form)}${row.orCount === undefined ? "" : `, or a whole number of ${row.orCount}`}`;
    case "shape":
      return shapeText(form);
    case "text":
    case "file":
    case "directory":
      return form === "text" ? row.placeholder : "a text";
    case "by-input":
      if (form === "text") return `${row.placeholder}${row.of === "shape" ? " with lengths ≥ 1" : ""}, each name once`;
      return `${row.of === "text" ? "a text" : shapeText(form)}, or such by the name of an input`;
    case "flag":
      return form === "text" ? "no value" : "true or false";
  }
}

/** What follows an option in a help text: ` FILE`, or nothing. */
export function placeholderOf(row: OptionRow): string {
  switch (row.kind) {
    case "integer":
      return " N";
    case "number":
      return " X";
    case "choice":
      return row.orCount === undefined ? " NAME" : " NAME | N";
    case "shape":
      return " C,H,W";
    case "text":
    case "file":
    case "directory":
    case "by-input":
      return ` ${row.placeholder}`;
    case "flag":
      return "";
  }
}
