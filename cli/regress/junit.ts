import { formatFinding } from "./report.js";
import { type ModelResult, type Part, parts, type RegressReport } from "./types.js";

/** Text inside XML 1.0: markup is escaped, characters that XML cannot hold become U+FFFD. */
function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that XML cannot hold
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      .replace(/[\n\r\t]/g, (character) => (character === "\n" ? "\n" : `&#${character.charCodeAt(0)};`))
  );
}

/** In an attribute a line end would become a blank. */
function attribute(name: string, value: string | number): string {
  return ` ${name}="${escaped(String(value)).replaceAll("\n", "&#10;")}"`;
}

function element(name: string, attributes: Readonly<Record<string, string | number>>, inner = ""): string {
  const head = `<${name}${Object.entries(attributes)
    .map(([key, value]) => attribute(key, value))
    .join("")}`;
  return inner === "" ? `${head}/>` : `${head}>${inner}</${name}>`;
}

/** What a test case holds: nothing where it passed. */
function outcome({ states, findings }: ModelResult, part: Part): string {
  const state = states[part];
  if (state === "none") return element("skipped", { message: "nothing to compare" });
  if (state === "same" || state === "close") return "";
  const own = findings.filter((finding) => finding.part === part);
  const text = own.map(formatFinding).join("\n");
  const message = own[0]?.message ?? state;
  const type = own[0]?.code ?? state;
  return element(state === "failed" ? "error" : "failure", { message, type }, escaped(text));
}

function casesOf(model: ModelResult): readonly string[] {
  const { name, seconds } = model;
  return parts.map((part) => {
    // The time of a model is not told apart by parts.
    const time = part === "import" ? seconds : 0;
    return element("testcase", { classname: name, name: part, time }, outcome(model, part));
  });
}

/** The report as JUnit XML, which CI systems read: a test case for each part of each model. */
export function junitXml({ directory, models, gone }: RegressReport): string {
  const message = "the model is not there any more, its record is";
  const cases = [
    ...models.flatMap(casesOf),
    ...gone.map((name) =>
      element("testcase", { classname: name, name: "import", time: 0 }, element("failure", { message, type: "gone" })),
    ),
  ];
  const count = (what: string): number => cases.filter((text) => text.includes(`><${what} `)).length;
  const counts = {
    tests: cases.length,
    failures: count("failure"),
    errors: count("error"),
    skipped: count("skipped"),
    time: Number(models.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3)),
  };
  const suite = element("testsuite", { name: directory, ...counts }, `\n${cases.join("\n")}\n`);
  const { skipped: _, ...whole } = counts;
  const suites = element("testsuites", { name: "paramserv regress", ...whole }, `\n${suite}\n`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${suites}\n`;
}
