import {
  type Checked,
  type FieldReport,
  type FieldRules,
  type FieldSource,
  type FieldTable,
  type FieldValue,
  type MessageRules,
  namesRead,
  type Settings,
} from "./field.js";

/** Where nothing is reported: what is wrong has been, or will be. */
export const silent: FieldReport = { problem: () => {}, note: () => {}, idle: () => {} };

/** A value as messages show it: strings in quotes, parts by what they are. */
export function showValue(value: FieldValue): string {
  if (typeof value === "object") return "a group of fields";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** Settings by the keys of a table; undefined, after reporting why, where one of them is wrong. */
export function decodeFields<Fields extends FieldTable>(
  source: FieldSource,
  rules: FieldRules<Fields>,
  report: FieldReport,
  within = "",
): Settings<Fields> | undefined {
  const { fields } = rules;
  const values: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(fields)) {
    const read = field.read({ source, name: key, within, report });
    if (read !== undefined) values[key] = read.value;
  }
  const isDecoded = (key: PropertyKey): boolean => Object.hasOwn(values, key);
  let failed = !Object.keys(fields).every(isDecoded);
  // Every key that a check asks for is there; the others it may not ask for.
  const settings = values as Settings<Fields>;
  const watched: FieldReport = {
    problem: (...problem) => {
      failed = true;
      report.problem(...problem);
    },
    note: (...note) => report.note(...note),
    idle: (...idle) => report.idle(...idle),
  };
  for (const { of, check } of rules.checks ?? []) {
    if (of.every(isDecoded)) check(settings, checkedAt(source, watched, within));
  }
  reportOthers({ source, rules, report: watched, within });
  return failed ? undefined : settings;
}

function checkedAt(source: FieldSource, report: FieldReport, within: string): Checked {
  return {
    within,
    has: (name) => source.given.includes(name),
    problem: (fault, message, at) => report.problem(fault, message, { at: source.at(at) }),
    note: (message, at) => report.note(message, source.at(at)),
  };
}

interface Others {
  readonly source: FieldSource;
  readonly rules: MessageRules;
  readonly report: FieldReport;
  readonly within: string;
}

/** Fields that are given and have no setting: ignored ones, refused ones, and those that no rule knows. */
function reportOthers({ source, rules, report, within }: Others): void {
  const { ignored = {}, refused = {} } = rules;
  const known = new Set(namesRead(rules));
  for (const name of source.given) {
    if (known.has(name)) continue;
    const refusal = Object.hasOwn(refused, name) ? refused[name] : undefined;
    if (refusal === undefined) {
      const reason = Object.hasOwn(ignored, name) ? ignored[name] : undefined;
      report.idle(`${within}${name}`, reason ?? "it is not read", source.at(name));
      continue;
    }
    const values = source.list(name) ?? [source.one(name)].filter((value) => value !== undefined);
    const index = values.findIndex((value) => refusal.when?.(value) ?? true);
    const value = values[index];
    if (value === undefined) continue;
    const what = typeof value === "object" ? `it has ${within}${name}` : `its ${within}${name} is ${showValue(value)}`;
    report.problem("unsupported", `${what}, which is not supported yet: ${refusal.because}`, {
      at: source.at(name, index),
      ...(refusal.hint === undefined ? {} : { hint: refusal.hint }),
    });
  }
}
