import { readFileSync } from "node:fs";

export interface Fence {
  readonly language: string;
  /** The heading it stands under. */
  readonly section: string;
  readonly text: string;
}

/** The fenced blocks of a Markdown file, in order. */
export function fencesOf(file: string): readonly Fence[] {
  const fences: Fence[] = [];
  let section = "";
  let open: { language: string; lines: string[] } | undefined;
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (open !== undefined) {
      if (line === "```") {
        fences.push({ language: open.language, section, text: `${open.lines.join("\n")}\n` });
        open = undefined;
      } else open.lines.push(line);
    } else if (line.startsWith("```")) open = { language: line.slice(3), lines: [] };
    else section = /^#+ (.*)/.exec(line)?.[1] ?? section;
  }
  return fences;
}

/** A block of a language under a heading, by default the first. */
export function fenceUnder(file: string, section: string, language: string, index = 0): string {
  const fence = fencesOf(file).filter((found) => found.section === section && found.language === language)[index];
  if (fence === undefined) throw new Error(`expected block ${index + 1} of ${language} under "${section}" in ${file}`);
  return fence.text;
}

/** The commands of shell blocks: a backslash at the end of a line goes on with the next one. */
export function commandsOf(text: string): readonly string[] {
  return text
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line !== "");
}
