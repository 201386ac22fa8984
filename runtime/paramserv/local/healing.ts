import type { RunError } from "../../errors.js";
import { diverged } from "../diverged.js";
import type { Figures } from "../figures.js";
import type { CheckedOptions } from "../options.js";
import type { Update } from "../protocol/types.js";

/** Updates in a row without finite numbers after which a run that goes on anyhow is given up. */
const patience = 20;

/** Decides what becomes of updates in which there are numbers that are not finite. */
export class Healing {
  readonly #policy: CheckedOptions["nonfinite"];
  readonly #fail: (error: RunError) => void;
  #inARow = 0;
  #last = { version: -1, how: "step" as "step" | "stay" | "restore" };

  constructor({ nonfinite }: Pick<CheckedOptions, "nonfinite">, fail: (error: RunError) => void) {
    this.#policy = nonfinite;
    this.#fail = fail;
  }

  /** The same answer for all parts and phases of an update. */
  of({ version, contributions }: Update<Figures>): "step" | "stay" | "restore" {
    if (this.#last.version === version) return this.#last.how;
    const isLost = contributions.some(({ batches, figures }) => figures.skipped === batches);
    this.#inARow = isLost ? this.#inARow + 1 : 0;
    const how = isLost ? (this.#policy === "restore" ? "restore" : "stay") : "step";
    this.#last = { version, how };
    if (this.#inARow >= patience) {
      this.#fail(diverged(`losses or gradients of ${patience} updates in a row are not finite numbers`));
    }
    return how;
  }
}
