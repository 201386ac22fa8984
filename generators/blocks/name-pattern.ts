/** Names of one layer of a block, one a use. */
type Names = readonly string[];

/** The part in which the names of a layer differ between uses, and what they share around it. */
export interface Hole {
  readonly before: string;
  readonly stems: readonly string[];
  readonly after: string;
}

/** Layers whose names differ in the same part. */
export interface NameGroup {
  /** What stands in each use. */
  readonly stems: readonly string[];
  /** Around the stem, by layer. */
  readonly layers: ReadonlyMap<number, { readonly before: string; readonly after: string }>;
}

function sharedStart(texts: Names): number {
  const [first = ""] = texts;
  let length = Math.min(...texts.map((text) => text.length));
  for (const text of texts) {
    let same = 0;
    while (same < length && text[same] === first[same]) same++;
    length = same;
  }
  // Half of a character that has two code units stays with its other half.
  return /[\ud800-\udbff]$/.test(first.slice(0, length)) ? length - 1 : length;
}

const reversed = (text: string): string => text.split("").reverse().join("");

function sharedEnd(texts: Names): number {
  const length = sharedStart(texts.map(reversed));
  const [first = ""] = texts;
  return length > 0 && /^[\udc00-\udfff]/.test(first.slice(first.length - length)) ? length - 1 : length;
}

/** Where the names of a layer differ between uses. */
export function holeOf(names: Names): Hole {
  const start = sharedStart(names);
  const end = sharedEnd(names.map((name) => name.slice(start)));
  const [first = ""] = names;
  return {
    before: first.slice(0, start),
    stems: names.map((name) => name.slice(start, name.length - end)),
    after: first.slice(first.length - end),
  };
}

/** Moves text that all layers of a group share beside the stem into it, so that stems are words: `res2a`, not `a`. */
function widened(holes: ReadonlyMap<number, Hole>): NameGroup {
  const all = [...holes.values()];
  const befores = all.map(({ before }) => before);
  const afters = all.map(({ after }) => after);
  const [before = ""] = befores;
  const whole = befores.every((text) => text === before);
  const left = whole ? before : (/\d*$/.exec(before.slice(before.length - sharedEnd(befores)))?.[0] ?? "");
  const [after = ""] = afters;
  const right = /^[\p{L}\p{N}]*/u.exec(after.slice(0, sharedStart(afters)))?.[0] ?? "";
  return {
    stems: (all[0]?.stems ?? []).map((stem) => `${left}${stem}${right}`),
    layers: new Map(
      [...holes].map(([layer, hole]) => [
        layer,
        { before: hole.before.slice(0, hole.before.length - left.length), after: hole.after.slice(right.length) },
      ]),
    ),
  };
}

/**
 * How the names of a block's layers follow from few texts: `res2a_branch2a`, `res2a_relu` in one use and `res2b_branch2a`,
 * `res2b_relu` in another share the stems `res2a` and `res2b`. `names[layer][use]`; one group for each different list of stems.
 */
export function nameGroups(names: readonly Names[]): readonly NameGroup[] {
  const groups = new Map<string, Map<number, Hole>>();
  for (const [layer, texts] of names.entries()) {
    const hole = holeOf(texts);
    const key = JSON.stringify(hole.stems);
    const group = groups.get(key) ?? new Map<number, Hole>();
    groups.set(key, group.set(layer, hole));
  }
  return [...groups.values()].map(widened);
}

/** What a block is called after the word that all its stems share (`inception_3a` → `inception`); undefined without one. */
export function sharedWord(stems: readonly string[]): string | undefined {
  const [first = [], ...others] = stems.map((stem) => stem.split(/[^A-Za-z]+/).filter((word) => word.length > 3));
  const word = first.findLast((one) => others.every((words) => words.includes(one)));
  return word === undefined ? undefined : `${word.charAt(0).toLowerCase()}${word.slice(1)}`;
}
