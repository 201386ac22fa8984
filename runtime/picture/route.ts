export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The vertical extent of a row of cards. */
export interface Band {
  readonly top: number;
  readonly bottom: number;
}

/** A way from card to card as a list of points: straight where two have one x or y, else a curve that is upright at both. */
export type Route = readonly Point[];

/** Straight run before an arrow's head. */
export const arrowRun = 9;

const bandAt = (bands: readonly Band[], y: number): Band | undefined =>
  bands.find(({ top, bottom }) => y >= top && y <= bottom);

/**
 * The points of an edge from the bottom of a card through given points to the top of another. Beside the cards of a row an
 * edge runs upright, so that it touches none; it bends between the rows only.
 */
export function routeThrough(from: Point, through: readonly Point[], to: Point, bands: readonly Band[]): Route {
  const points: Point[] = [from];
  const start = bandAt(bands, from.y);
  if (start !== undefined) points.push({ x: from.x, y: start.bottom });
  for (const { x, y } of through) {
    const band = bandAt(bands, y);
    if (band === undefined) points.push({ x, y });
    else points.push({ x, y: band.top }, { x, y: band.bottom });
  }
  const end = bandAt(bands, to.y);
  return [...points, { x: to.x, y: (end?.top ?? to.y) - arrowRun }, to];
}

/** Moves a route. */
export function shifted(route: readonly Point[], by: Point): Route {
  return route.map(({ x, y }) => ({ x: x + by.x, y: y + by.y }));
}

const round = (value: number): string => String(Math.round(value * 10) / 10);

/** A route as the `d` of an SVG path. */
export function pathOf(route: Route): string {
  const [first, ...rest] = route;
  if (first === undefined) return "";
  const parts = [`M${round(first.x)} ${round(first.y)}`];
  let before = first;
  for (const point of rest) {
    const { x, y } = point;
    const middle = round((before.y + y) / 2);
    if (Math.abs(x - before.x) < 0.05 || Math.abs(y - before.y) < 0.05) parts.push(`L${round(x)} ${round(y)}`);
    else parts.push(`C${round(before.x)} ${middle} ${round(x)} ${middle} ${round(x)} ${round(y)}`);
    before = point;
  }
  return parts.join("");
}
