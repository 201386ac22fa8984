import { ModelFileError, type Problem } from "../../runtime/errors.js";

/** More than this many problems of one read are counted, not listed. */
const listed = 100;

/** Collects the problems of one read, so that a user sees all of them at once. */
export class Problems {
  readonly #problems: Problem[] = [];
  #dropped = 0;

  add(problem: Problem): void {
    if (this.#problems.length < listed) this.#problems.push(problem);
    else this.#dropped++;
  }

  addAll(problems: Iterable<Problem>): void {
    for (const problem of problems) this.add(problem);
  }

  get count(): number {
    return this.#problems.length + this.#dropped;
  }

  /** The problems in file order: files in the order they were met, then by line and column; each once. */
  sorted(): readonly Problem[] {
    const files = [...new Set(this.#problems.map(({ at }) => at?.file))];
    const rank = ({ at }: Problem): readonly number[] => [files.indexOf(at?.file), at?.line ?? 0, at?.column ?? 0];
    const unique = new Map(this.#problems.map((problem) => [JSON.stringify(problem), problem]));
    return [...unique.values()].sort((a, b) => {
      const ranks = rank(b);
      return rank(a).reduce((order, value, i) => (order !== 0 ? order : value - (ranks[i] ?? 0)), 0);
    });
  }

  /** Throws one {@link ModelFileError} with all problems, if there are any. */
  throwIfAny(): void {
    const [first, ...rest] = this.sorted();
    if (first === undefined) return;
    const more = this.#dropped === 0 ? [] : [{ code: first.code, message: `and ${this.#dropped} more problems` }];
    throw new ModelFileError([first, ...rest, ...more]);
  }
}
