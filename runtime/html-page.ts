import { createHash } from "node:crypto";
import { escapeText } from "./markup.js";

interface PageHead {
  readonly title: string;
  readonly scripts: readonly string[];
  readonly styles: readonly string[];
  /** Whether drawings stand in the page as data. */
  readonly images?: true;
}

/** The lines before the body of a page that needs nothing from anywhere: its own scripts, by their hashes, and styles. */
export function pageHead({ title, scripts, styles, images }: PageHead): readonly string[] {
  const hashes = scripts.map((script) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`);
  const drawings = images ? "img-src data:; " : "";
  const policy = `default-src 'none'; ${drawings}style-src 'unsafe-inline'; script-src ${hashes.join(" ")}`;
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escapeText(policy)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeText(title)}</title>`,
    ...styles.map((style) => `<style>${style}</style>`),
    "</head>",
  ];
}
