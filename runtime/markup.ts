/** How texts are written into markup: names come from files that nobody has looked at. */

/**
 * A text in which everything can be seen: control and format characters, which XML does not allow or which turn the
 * direction of a line, and halves of surrogate pairs are written as their code.
 */
export function visible(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    character === "\n" ? "\n" : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text as it stands in the content or an attribute of XML and HTML. */
export function escapeText(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
