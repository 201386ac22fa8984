import { readFileSync } from "node:fs";
import { join } from "node:path";
import Handlebars from "handlebars";
import { installationRoot } from "../../../runtime/installation.js";

/** Nothing is escaped, nothing that is missing passes for empty, no helper is looked up in the data. */
const compileOptions = { strict: true, noEscape: true, knownHelpersOnly: true } as const;

/** The text of a template of `templates/typescript`, without `.hbs`. */
export function readTemplate(name: string): string {
  return readFileSync(join(installationRoot(), "templates/typescript", `${name}.hbs`), "utf8");
}

/** Renders a template. The view holds strings, booleans and lists of such; templates decide nothing but layout. */
export function render(name: string, view: object): string {
  return Handlebars.compile(readTemplate(name), compileOptions)(view);
}
