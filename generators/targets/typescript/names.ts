/** Words that cannot name a constant at the top of a strict ECMAScript module, and globals that our text relies on. */
const reservedWords = [
  "arguments await break case catch class const continue debugger default delete do else enum eval export extends false",
  "finally for function if implements import in instanceof interface let new null package private protected public",
  "return static super switch this throw true try typeof var void while with yield async undefined NaN Infinity Number",
  "Float32Array Int32Array",
]
  .join(" ")
  .split(" ");

/** Letters, digits and `_` of `text`; runs of anything else become one `_`. May still start with a digit or be empty. */
export function words(text: string): string {
  return text
    .normalize("NFC")
    .replace(/\P{ID_Continue}+/gu, "_")
    .replace(/^_+(?=[^_])|_+$/g, "");
}

export interface NameRequest {
  /** What stands before a name that does not start with a letter. Default "layer". */
  readonly prefix?: string;
  /** What is added to a name that is taken by a reserved word or an import: `label` → `labels`. Default "Layer". */
  readonly suffix?: string;
  /** Further names that are taken where this one will be used. Default none. */
  readonly avoid?: readonly string[];
}

/** Hands out identifiers that are unique in one file. */
export interface Names {
  claim(text: string, request?: NameRequest): string;
}

/** The identifiers of one file; `imported` are names that its imports take. */
export function createNames(imported: Iterable<string>): Names {
  const reserved = new Set([...reservedWords, ...imported]);
  const taken = new Set<string>();
  return {
    claim(text, { prefix = "layer", suffix = "Layer", avoid = [] } = {}) {
      const plain = words(text);
      const started = /^[\p{ID_Start}_]/u.test(plain) ? plain : [prefix, plain].filter(Boolean).join("_");
      const base = reserved.has(started) || avoid.includes(started) ? `${started}${suffix}` : started;
      let name = base;
      for (let number = 2; taken.has(name) || reserved.has(name); number++) name = `${base}_${number}`;
      taken.add(name);
      return name;
    },
  };
}

/** A name for an npm package: lower case, digits and hyphens (npm's package.json documentation, "name"). */
export function packageName(text: string): string {
  const name = text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 100)
    .replace(/^-+|-+$/g, "");
  return name === "" ? "model" : name;
}
