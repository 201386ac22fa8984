import type { Problem } from "../../errors.js";
import type { Dataset } from "../types.js";
import type { RingMemory } from "./batch-ring.js";

/** What a loader thread is started with. Arrays are shared, files are opened anew. */
export interface LoaderSetup {
  readonly dataset: Pick<Dataset, "features" | "labels">;
  readonly ring: RingMemory;
}

/** What a loader tells its worker; batches themselves go through the ring. */
export type LoaderMessage =
  /** A batch could not be made. Sent before the ring says so. */
  | { readonly kind: "failed"; readonly number: number; readonly problems: readonly Problem[] }
  /** Nothing can be made: the sources do not open. */
  | { readonly kind: "lost"; readonly problems: readonly Problem[] };
