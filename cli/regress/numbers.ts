import type { ChangeRecord } from "./record.js";
import type { Tolerance } from "./settings.js";

/** A pair of numbers that should be equal. */
export interface Pair {
  readonly found: number;
  readonly stored: number;
  /** What the relative tolerance is a share of, where that is more than the stored number. */
  readonly scale?: number;
  /** Elements behind the number: the absolute tolerance holds for each. Default 1. */
  readonly count?: number;
}

const isLost = (value: number | null): boolean => value === null || !Number.isFinite(value);

/** |found − stored| ≤ absolute · √count + relative · max(|stored|, scale) */
export function agrees({ found, stored, scale = 0, count = 1 }: Pair, { relative, absolute }: Tolerance): boolean {
  // JSON stores what is not finite as null.
  if (!Number.isFinite(stored ?? Number.NaN) || !Number.isFinite(found)) return isLost(found) && isLost(stored);
  const allowed = absolute * Math.sqrt(count) + relative * Math.max(Math.abs(stored), scale);
  return Math.abs(found - stored) <= allowed;
}

/** How far a number is from the stored one, as a share of it; 0 where they are the same. */
export function distance({ found, stored, scale = 0 }: Pair): number {
  if (found === stored || (isLost(found) && isLost(stored))) return 0;
  return Math.abs(found - stored) / Math.max(Math.abs(stored), scale, Number.MIN_VALUE);
}

/** A change of `count` weights as pairs: its length, and its elements against what they are on average. */
export function changePairs(found: ChangeRecord, stored: ChangeRecord, count: number): readonly Pair[] {
  const scale = stored.norm / Math.sqrt(count);
  const length = Math.max(found.values.length, stored.values.length);
  const values = Array.from({ length }, (_, i) => {
    return { found: found.values[i] ?? Number.NaN, stored: stored.values[i] ?? Number.NaN, scale };
  });
  return [{ found: found.norm, stored: stored.norm, count }, ...values];
}

/** `1.2346 instead of 1.25 (1.2 % off)` */
export function tell(pair: Pair): string {
  const { found, stored } = pair;
  const text = (value: number): string => String(Number(value.toPrecision(6)));
  const share = distance(pair);
  const off = Number.isFinite(share) && share < 1e6 ? ` (${Number((share * 100).toPrecision(2))} % off)` : "";
  return `${text(found)} instead of ${text(stored)}${off}`;
}
