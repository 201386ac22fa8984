import { nearestName } from "../nearest.js";

/** The known word that `word` most likely stands for: the only one it begins, else the nearest one in edits. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  if (word.length < 2) return undefined;
  const begun = known.filter((candidate) => candidate.toLowerCase().startsWith(word.toLowerCase()));
  return begun.length === 1 ? begun[0] : nearestName(word, known);
}
