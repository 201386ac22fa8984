import { ModelFileError, type Note, type Problem } from "../../runtime/errors.js";

/** More than this many problems of one read are counted, not listed. */
const listed = 100;

/** Collects what one read finds, so that a user sees all of it at once. */
class Findings<Finding extends Note> {
  readonly #found: Finding[] = [];
  #dropped = 0;

  add(finding: Finding): void {
    if (this.#found.length < listed) this.#found.push(finding);
    else this.#dropped++;
  }

  addAll(findings: Iterable<Finding>): void {
    for (const finding of findings) this.add(finding);
  }

  get count(): number {
    return this.#found.length + this.#dropped;
  }

  /** How many were found beyond those that are listed. */
  get dropped(): number {
    return this.#dropped;
  }

  /** In file order: files in the order they were met, then by line and column; each once. */
  sorted(): readonly Finding[] {
    const files = [...new Set(this.#found.map(({ at }) => at?.file))];
    const rank = ({ at }: Finding): readonly number[] => [files.indexOf(at?.file), at?.line ?? 0, at?.column ?? 0];
    const unique = new Map(this.#found.map((finding) => [JSON.stringify(finding), finding]));
    return [...unique.values()].sort((a, b) => {
      const ranks = rank(b);
      return rank(a).reduce((order, value, i) => (order !== 0 ? order : value - (ranks[i] ?? 0)), 0);
    });
  }
}

/** What is wrong in a file. */
export class Problems extends Findings<Problem> {
  /** Throws one {@link ModelFileError} with all problems, if there are any. */
  throwIfAny(): void {
    const [first, ...rest] = this.sorted();
    if (first === undefined) return;
    const more = this.dropped === 0 ? [] : [{ code: first.code, message: `and ${this.dropped} more problems` }];
    throw new ModelFileError([first, ...rest, ...more]);
  }
}

/** What has no effect or was adjusted in a file. */
export class Notes extends Findings<Note> {
  /** All of them; how many more there were stands at the end. */
  list(): readonly Note[] {
    const more = this.dropped === 0 ? [] : [{ message: `and ${this.dropped} more notes` }];
    return [...this.sorted(), ...more];
  }
}
