/** How wide texts are, and how they are cut and broken to a width. */

export type Weight = "regular" | "bold";

/** Advance widths of the characters 0x20 … 0x7e in thousandths of the font size: DejaVu Sans 2.37, a wide font. */
const ascii: Readonly<Record<Weight, readonly number[]>> = {
  // biome-ignore format: a table
  regular: [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636, 636,
    636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787,
    603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635,
    634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
  ],
  // biome-ignore format: a table
  bold: [
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696, 696, 696, 696, 696, 696,
    696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683, 683, 821, 837, 372, 372, 775, 637, 995, 837, 850,
    733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716, 678, 435, 716,
    712, 343, 343, 665, 343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
  ],
};

/** Signs that pictures write themselves. */
const signs: Readonly<Record<string, number>> = { "×": 838, "·": 380, "…": 1000 };
/** No character of the scripts that were measured is wider. */
const widest: Readonly<Record<Weight, number>> = { regular: 1100, bold: 1350 };

/** An upper bound of a text's width in pixels; most fonts are narrower. */
export function widthOf(text: string, size: number, weight: Weight = "regular"): number {
  let thousandths = 0;
  for (const character of text) {
    thousandths += ascii[weight][character.charCodeAt(0) - 0x20] ?? signs[character] ?? widest[weight];
  }
  return (thousandths * size) / 1000;
}

/** A text no wider than `width` pixels: what does not fit is left out in the middle, where names differ least. */
export function shorten(text: string, width: number, size: number, weight: Weight = "regular"): string {
  if (widthOf(text, size, weight) <= width) return text;
  const characters = [...text];
  let kept = Math.min(characters.length, Math.floor((width * 4) / size));
  const made = () => {
    const tail = Math.floor(kept / 2);
    return [...characters.slice(0, kept - tail), "…", ...characters.slice(characters.length - tail)].join("");
  };
  while (kept > 0 && widthOf(made(), size, weight) > width) kept--;
  return made();
}

/** Breaks words into lines no wider than `width`, at most `most` of them; what is left over is shortened. */
export function wrap(words: readonly string[], width: number, most: number, size: number): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length === 0) lines.push(word);
    else if (lines.length >= most || widthOf(longer, size) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.map((line) => shorten(line, width, size));
}
