import type { Note } from "../../runtime/errors.js";

/** What is compared of a model, in this order. */
export const parts = ["import", "code", "training"] as const;

export type Part = (typeof parts)[number];

/**
 * How a part of a model is, compared with its stored record: "same" to the bit, "close" within the tolerance, "none" where
 * there is nothing to compare (no loss, or an earlier part failed), "new" without a record, "differs", or "failed" with an
 * error.
 */
export type PartState = "same" | "close" | "none" | "new" | "differs" | "failed";

/** One thing that is not as it was stored, or failed: where, what was found and what was stored. */
export interface Finding extends Note {
  readonly part: Part;
  /** The code of an error. */
  readonly code?: string;
  /** Lines of a unified diff. */
  readonly diff?: readonly string[];
}

/** What is known of one model after it was checked. */
export interface ModelResult {
  /** The path of its file from the folder, `/` on every system. */
  readonly name: string;
  readonly states: Readonly<Record<Part, PartState>>;
  readonly findings: readonly Finding[];
  /** The largest relative distance of a number of the training from the stored one; absent where none was compared. */
  readonly deviation?: number;
  readonly seconds: number;
}

/** What `regress --json` prints, one object on one line. */
export interface RegressReport {
  readonly event: "regress";
  readonly directory: string;
  /** "interrupted" after Ctrl-C: the models that are missing were not checked, and nothing was written. */
  readonly status: "passed" | "failed" | "interrupted";
  readonly models: readonly ModelResult[];
  /** Stored records whose model is not there any more, by its name. */
  readonly gone: readonly string[];
  /** Records that were written or removed by --update, by the name of the model. */
  readonly updated: readonly string[];
}

const good: ReadonlySet<PartState> = new Set(["same", "close", "none"]);

/** Whether a model is as its record says. */
export function isAsStored({ states }: Pick<ModelResult, "states">): boolean {
  return parts.every((part) => good.has(states[part]));
}
