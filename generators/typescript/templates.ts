import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import Handlebars from "handlebars";
import { internalError } from "../../runtime/errors.js";

/** Nothing is escaped, nothing that is missing passes for empty, no helper is looked up in the data. */
const compileOptions = { strict: true, noEscape: true, knownHelpersOnly: true } as const;

/** The root of this package, from the sources as from `dist`: the nearest package.json named paramserv above us. */
function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const file = join(directory, "package.json");
    if (existsSync(file) && JSON.parse(readFileSync(file, "utf8")).name === "paramserv") return directory;
    if (dirname(directory) === directory) throw internalError("the templates are not where the package should be");
    directory = dirname(directory);
  }
}

/** The text of a template of `templates/typescript`, without `.hbs`. */
export function readTemplate(name: string): string {
  return readFileSync(join(packageRoot(), "templates/typescript", `${name}.hbs`), "utf8");
}

/** Renders a template. The view holds strings, booleans and lists of such; templates decide nothing but layout. */
export function render(name: string, view: object): string {
  return Handlebars.compile(readTemplate(name), compileOptions)(view);
}
