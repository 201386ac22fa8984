import { isBaseError } from "../../runtime/errors.js";

/** Runs what must throw one of our errors; gives its codes and text. */
export function refusal(body: () => unknown): { readonly codes: readonly string[]; readonly text: string } {
  try {
    body();
  } catch (error) {
    if (isBaseError(error)) return { codes: error.problems.map(({ code }) => code), text: error.message };
    throw error;
  }
  throw new Error("nothing was refused");
}

/** For callers without types. */
export const untyped = (value: unknown) => value as never;
