/** A piece of work that workers share in parts: a phase of an update, a copy, a validation. Parts can be made again. */
export interface Parts {
  readonly count: number;
  /** Parts that were handed out once, in order. */
  next: number;
  /** Parts whose worker was lost: they are handed out again before all others. */
  returned: number[];
  done: number;
  /** How often a part was lost. */
  losses: Record<number, number>;
}

export function inParts(count: number): Parts {
  return { count, next: 0, returned: [], done: 0, losses: {} };
}

export function isDone({ count, done }: Parts): boolean {
  return done === count;
}

/** The next part to hand out; undefined where all are handed out. */
export function takePart(parts: Parts): number | undefined {
  if (parts.returned.length > 0) return parts.returned.pop();
  if (parts.next === parts.count) return undefined;
  parts.next += 1;
  return parts.next - 1;
}

/** Takes back a part; how often it was lost. A worker that leaves hands its part over, which is no loss. */
export function returnPart(parts: Parts, part: number, isLoss: boolean): number {
  const losses = (parts.losses[part] ?? 0) + (isLoss ? 1 : 0);
  parts.losses[part] = losses;
  parts.returned.push(part);
  return losses;
}
