import { compareStart, compareWeights, type Differs, finding, type TrainingPair } from "./compare-weights.js";
import { agrees, distance, type Pair, tell } from "./numbers.js";
import type { Figures, TrainingRecord } from "./record.js";
import type { Tolerance } from "./settings.js";
import type { Finding } from "./types.js";

/** What two trainings of one model have in common, and where they part. */
export interface TrainingComparison {
  readonly findings: readonly Finding[];
  /** The largest distance of a number from the stored one, as a share of it; 0: the same bits in all that is kept. */
  readonly deviation: number;
}

interface Comparing extends TrainingPair {
  readonly tolerance: Tolerance;
}

/** Trainings of other rows or options cannot be compared: what is other in them. */
function setupFindings({ found, stored }: TrainingPair): readonly Finding[] {
  const other = Object.entries(found.settings).filter(
    ([name, value]) => stored.settings[name as keyof TrainingRecord["settings"]] !== value,
  );
  const texts = other.map(([name, value]) => {
    const before = stored.settings[name as keyof TrainingRecord["settings"]];
    return `trained with ${name} ${value}, the record is of ${name} ${before}`;
  });
  if (found.rows !== stored.rows) texts.push(`trained on ${found.rows} rows, the record is of ${stored.rows} rows`);
  const shape = (columns: TrainingRecord["columns"]): string =>
    Object.entries(columns)
      .map(([name, { shape: lengths }]) => `${name} [${lengths.join(", ")}]`)
      .join(", ");
  const [now, before] = [shape(found.columns), shape(stored.columns)];
  if (now !== before && texts.length === 0) texts.push(`the model takes ${now}, the record is of ${before}`);
  return texts.map((text) => finding(text));
}

function columnFindings({ found, stored }: TrainingPair, differs: Differs): readonly Finding[] {
  return Object.entries(found.columns).flatMap(([name, column]) => {
    const pair = { found: column.norm, stored: stored.columns[name]?.norm ?? Number.NaN };
    return differs(pair) ? finding(`the rows of ${name} are other ones: their norm is ${tell(pair)}`) : [];
  });
}

/** Figures of one update that are not as they were; a figure that is missing in one of the two is one, too. */
function otherFigures(found: Figures, stored: Figures, differs: Differs): readonly string[] {
  return [...new Set([...Object.keys(stored), ...Object.keys(found)])].flatMap((name) => {
    const [now, before] = [found[name], stored[name]];
    if (now === before) return [];
    if (typeof now !== "number" || typeof before !== "number") {
      const text = (value: number | null | undefined): string =>
        value === undefined ? "missing" : String(value ?? "not finite");
      return `${name} is ${text(now)} instead of ${text(before)}`;
    }
    const pair = { found: now, stored: before };
    return differs(pair) ? `${name} is ${tell(pair)}` : [];
  });
}

/** The first update whose figures are other ones: later ones follow from it. */
function figureFindings({ found, stored }: TrainingPair, differs: Differs): readonly Finding[] {
  const updates = found.updates.map((figures, i) => otherFigures(figures, stored.updates[i] ?? {}, differs));
  const first = updates.findIndex((texts) => texts.length > 0);
  const steps = updates.length;
  return (updates[first] ?? []).map((text) => finding(`update ${first + 1} of ${steps}: ${text}`));
}

/** Compares a training with the stored one and says where they part: options, rows, start, forward pass, gradients. */
export function compareTraining(comparing: Comparing): TrainingComparison {
  let deviation = 0;
  const differs = (pair: Pair): boolean => {
    deviation = Math.max(deviation, distance(pair));
    return !agrees(pair, comparing.tolerance);
  };
  const setup = setupFindings(comparing);
  if (setup.length > 0) return { findings: setup, deviation };
  const findings = [
    ...columnFindings(comparing, differs),
    ...compareStart(comparing, differs),
    ...figureFindings(comparing, differs),
    ...compareWeights(comparing, differs),
  ];
  return { findings, deviation };
}
