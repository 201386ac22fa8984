import { createHash } from "node:crypto";
import type { GeneratedFiles } from "../target.js";

/** The file that tells a product of ours, and which of its files were edited since. */
export const manifestName = ".paramserv.json";

/** The sha-256 of a file's content, hexadecimal. */
export function digest(content: GeneratedFiles[string] | Uint8Array): string {
  const hash = createHash("sha256");
  if (typeof content === "string" || content instanceof Uint8Array) hash.update(content);
  else for (const piece of content) hash.update(piece);
  return hash.digest("hex");
}

/** A product with its manifest, {@link manifestName}: the target, and the digest of every file, sorted by path. */
export function withManifest(target: string, files: GeneratedFiles): GeneratedFiles {
  const paths = Object.keys(files).sort();
  const digests = Object.fromEntries(paths.map((path) => [path, digest(files[path] ?? "")]));
  const text = `${JSON.stringify({ generator: "paramserv", target, files: digests }, null, 2)}\n`;
  return { ...files, [manifestName]: text };
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

/** Tells whether a file on disk is as it was generated; `undefined` if the directory holds no product of ours. */
export function readGenerated(manifest: string): ((path: string, found: Uint8Array) => boolean) | undefined {
  const digests = readManifest(manifest);
  return digests === undefined ? undefined : (path, found) => digests.get(path) === digest(found);
}
