import { blockDoc } from "../../generators/targets/typescript/block-comments.js";
import { wrapComments } from "../../generators/targets/typescript/layout.js";
import { madeComment } from "../../generators/targets/typescript/output-text.js";
import type { Recorded } from "./record.js";
import type { LayerStatement, ModelSource, Range } from "./source.js";

interface Change extends Range {
  readonly text: string;
}

const isCount = (part: string): boolean => /^[\d,]+ parameters?$/.test(part);

/** What a comment says first if it was printed: `20×24×24`, `10 values`, `mean over the batch`; or `?`, to ask for it. */
function isShape(part: string): boolean {
  const one = String.raw`(?:one|[^\s·×]+(?: [-+*/] [^\s·×]+)*)(?:×[^\s·×]+(?: [-+*/] [^\s·×]+)*)*`;
  const noun = "(?:value|whole number|flag|class number)s?";
  const form = new RegExp(`^(?:[^\\s·×]+(?:×[^\\s·×]+)+|${one} ${noun})$`);
  return part === "?" || part === "mean over the batch" || part.split(/, | and /).every((text) => form.test(text));
}

/** The comment above a layer with its shape and count as they are now; undefined where it says something else. */
export function freshComment(comment: string, { made, ends }: Recorded): string | undefined {
  const match = /^\/\/\s*(.*?)\s*$/.exec(comment);
  const [shape = "", ...rest] = match?.[1]?.split(" · ") ?? [];
  if (!isShape(shape) || made.length === 0) return undefined;
  return `// ${[madeComment(made, ends), ...rest.filter((part) => !isCount(part))].join(" · ")}`;
}

const docLines = /^ \* (\d+ layers?), used \d+ times?: ([\s\S]*?)\.\n \* First use, [\s\S]*?\.$/m;

/** The doc comment of a block's function, its printed lines as they are now. */
function freshDoc(comment: string, calls: number, variable: string, { made, ends, taken }: Recorded): string {
  return comment.replace(docLines, (old, _, list: string) => {
    const before = list.replaceAll("\n * ", " ").split(", ");
    const types = made.map(({ type }) => type);
    const same = [...before].sort().join() === [...types].sort().join();
    const fresh = blockDoc({ types: same ? before : types, uses: calls, variable, inputs: taken, ends });
    const lines = wrapComments([fresh.summary, fresh.firstUse].map((line) => ` * ${line}`).join("\n"));
    return lines === old ? old : lines;
  });
}

function layerChange(text: string, { comment }: LayerStatement, recorded: Recorded | undefined): readonly Change[] {
  if (comment === undefined || recorded === undefined) return [];
  const fresh = freshComment(text.slice(comment.start, comment.end), recorded);
  return fresh === undefined ? [] : [{ ...comment, text: fresh }];
}

/**
 * The text of a model file with its printed comments as they are now: those directly above layers and calls, and the lines
 * on layers and first use above functions. Everything else stays byte for byte.
 */
export function freshComments(
  text: string,
  { layers, functions }: ModelSource,
  records: ReadonlyMap<number, Recorded>,
): string {
  const changes = layers.flatMap((layer, index) => layerChange(text, layer, records.get(index)));
  for (const { name, calls, comment } of functions) {
    const index = layers.findIndex(({ callee }) => callee === name);
    const [first, recorded] = [layers[index], records.get(index)];
    if (comment === undefined || first === undefined || recorded === undefined) continue;
    const doc = text.slice(comment.start, comment.end);
    changes.push({ ...comment, text: freshDoc(doc, calls, first.variable, recorded) });
  }
  let result = text;
  for (const { start, end, text: fresh } of changes.sort((a, b) => b.start - a.start)) {
    result = result.slice(0, start) + fresh + result.slice(end);
  }
  return result;
}
