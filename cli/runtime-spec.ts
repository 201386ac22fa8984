import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { seenFrom } from "./paths.js";

/** What npm notes of an installed package in `node_modules/.package-lock.json`. */
function installedFrom(root: string): string | undefined {
  const modules = dirname(root);
  if (basename(modules) !== "node_modules") return undefined;
  try {
    const { packages } = JSON.parse(readFileSync(join(modules, ".package-lock.json"), "utf8"));
    const resolved: unknown = packages[`node_modules/${basename(root)}`]?.resolved;
    return typeof resolved === "string" ? resolved : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What a generated package asks npm for: the version, where this installation came from a registry, else the installation
 * itself, as a file that is seen from the package.
 */
export function runtimeSpec(directory: string, { root, version }: { readonly root: string; readonly version: string }) {
  return /^https?:/.test(installedFrom(root) ?? "") ? `^${version}` : `file:${seenFrom(directory, root)}`;
}
