import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { internalError } from "./errors.js";

/** The version of this paramserv package. */
export function installedVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(installationRoot(), "package.json"), "utf8"));
  const version = typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : "";
  return String(version);
}

/** The directory of this paramserv package, from the sources as from `dist`: the nearest package.json of that name above. */
export function installationRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const file = join(directory, "package.json");
    if (existsSync(file) && JSON.parse(readFileSync(file, "utf8")).name === "paramserv") return directory;
    if (dirname(directory) === directory) throw internalError("there is no package.json of paramserv above its files");
    directory = dirname(directory);
  }
}
