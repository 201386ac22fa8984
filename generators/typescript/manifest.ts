import { createHash } from "node:crypto";
import type { GeneratedPackage } from "./options.js";

/** The file that tells a package of ours, and which of its files were edited since. */
export const manifestName = ".paramserv.json";

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** What is written as {@link manifestName}: the digest of every other file, sorted by path. */
export function manifestText(files: GeneratedPackage): string {
  const paths = Object.keys(files).filter((path) => path !== manifestName);
  const digests = Object.fromEntries(paths.sort().map((path) => [path, digest(files[path] ?? "")]));
  return `${JSON.stringify({ generator: "paramserv", files: digests }, null, 2)}\n`;
}

/** Which files a manifest names, with their digests; `undefined` if the text is no manifest of ours. */
function readManifest(text: string): ReadonlyMap<string, string> | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const { generator, files } = parsed as { readonly generator?: unknown; readonly files?: unknown };
  if (generator !== "paramserv" || typeof files !== "object" || files === null) return undefined;
  return new Map(Object.entries(files).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** Tells whether a file on disk is as it was generated; `undefined` if the directory holds no package of ours. */
export function readGenerated(manifest: string): ((path: string, text: string) => boolean) | undefined {
  const digests = readManifest(manifest);
  return digests === undefined ? undefined : (path, text) => digests.get(path) === digest(text);
}
