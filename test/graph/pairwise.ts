import { generator } from "./support.js";

/** Values to choose from, by factor. */
export type Factors = Readonly<Record<string, readonly unknown[]>>;

/** One value of each factor. */
export type Choice<F extends Factors> = { readonly [Name in keyof F]: F[Name][number] };

/** How many random choices there are to pick from. */
const drawn = 4000;

/**
 * Choices in which each pair of values of two factors occurs that is `allowed` in some choice: few of them, the same ones
 * on every run. Greedy: always the choice with most of the pairs that are still missing.
 */
export function pairwise<const F extends Factors>(
  factors: F,
  allowed: (choice: Choice<F>) => boolean,
  seed = 1,
): readonly Choice<F>[] {
  const random = generator(seed);
  const draw = () => Object.values(factors).map((values) => Math.floor(random() * values.length));
  const candidates = Array.from({ length: drawn }, draw)
    .map((places) => ({ choice: choiceAt(factors, places), pairs: pairsAt(places) }))
    .filter(({ choice }) => allowed(choice));
  const missing = new Set(candidates.flatMap(({ pairs }) => pairs));
  const rows: Choice<F>[] = [];
  while (missing.size > 0) {
    const counts = candidates.map(({ pairs }) => pairs.filter((pair) => missing.has(pair)).length);
    const best = candidates[counts.indexOf(Math.max(...counts))];
    for (const pair of best?.pairs ?? missing) missing.delete(pair);
    if (best) rows.push(best.choice);
  }
  return rows;
}

function choiceAt<F extends Factors>(factors: F, places: readonly number[]): Choice<F> {
  const entries = Object.entries(factors).map(([name, values], factor) => [name, values[places[factor] ?? 0]]);
  return Object.fromEntries(entries) as Choice<F>;
}

/** A number for each pair of two factors' values; at most 99 factors of at most 99 values. */
function pairsAt(places: readonly number[]): readonly number[] {
  const values = places.map((place, factor) => factor * 100 + place);
  return values.flatMap((value, factor) => values.slice(factor + 1).map((other) => value * 10_000 + other));
}
