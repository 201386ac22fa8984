import type sharp from "sharp";
import { type Problem, RunError } from "../../errors.js";

export type Sharp = typeof sharp;

/** The formats of pictures that are decoded, by the extensions of their files. */
export const imageExtensions = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".avif"] as const;

let library: Promise<Sharp> | undefined;

/**
 * Loads the library that decodes pictures (libvips), on first use: it is native code, and npm installs it only where it
 * has a build for the machine.
 *
 * @throws RunError DATA_PACKAGE_MISSING that says what to install
 */
export function loadSharp(): Promise<Sharp> {
  library ??= load();
  return library;
}

async function load(): Promise<Sharp> {
  try {
    const { default: loaded } = await import("sharp");
    // Loaders and workers are threads already; a picture is read once, so that nothing is gained by keeping it.
    loaded.concurrency(1);
    loaded.cache(false);
    return loaded;
  } catch (cause) {
    throw new RunError(sharpUnavailable(cause), { cause });
  }
}

/** Why the package cannot be loaded, and what to do. */
export function sharpUnavailable(cause: unknown): Problem {
  const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
  const message = `the package sharp, which decodes pictures, cannot be loaded on ${process.platform} ${process.arch}: ${reason}`;
  const hint = "npm install sharp --include=optional; arrays of pixels (.npz, .h5, .csv) need no such package";
  return { code: "DATA_PACKAGE_MISSING", message, hint };
}
