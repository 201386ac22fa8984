import { lstatSync, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { ImportedModel } from "../generators/imported.js";
import { formatNote, ModelFileError, type Problem } from "../runtime/errors.js";
import { writeFilesAtomically } from "../runtime/results/atomic-files.js";
import type { OptionTable, OptionValues } from "./options.js";
import { say, writeProduct } from "./ui.js";

const group = "Picture";

/** The options of `inspect` that make pictures. */
export const pictureOptions = {
  svg: { kind: "file", placeholder: "FILE", describe: "draw the layers as a graph; - is stdout", group },
  html: {
    kind: "file",
    placeholder: "FILE",
    describe: "one page with the graph and the table of layers; - is stdout",
    group,
  },
  force: { kind: "flag", describe: "write over a file that is there", group },
} as const satisfies OptionTable;

type PictureChoices = OptionValues<typeof pictureOptions>;
type Format = "svg" | "html";

const formats: readonly Format[] = ["svg", "html"];
const standardOutput = "-";

/** The files that were asked for, with their formats. */
function asked(options: PictureChoices): readonly (readonly [format: Format, file: string])[] {
  return formats.flatMap((format) => {
    const file = options[format];
    return file === undefined ? [] : [[format, file] as const];
  });
}

/** Whether a picture was asked for: then the table is not printed. */
export function wantsPicture(options: PictureChoices): boolean {
  return asked(options).length > 0;
}

function found(path: string, look: (path: string) => Stats): Stats | undefined {
  try {
    return look(path);
  } catch {
    return undefined;
  }
}

function fileProblem(file: string, force: boolean): Problem | undefined {
  const at = { file };
  const parent = dirname(file);
  if (!found(parent, statSync)?.isDirectory()) {
    const message = `its directory ${parent} does not exist, expected one that does`;
    return { code: "CLI_OUTPUT_UNWRITABLE", at, message, hint: "make the directory first" };
  }
  const there = found(file, statSync) ?? found(file, lstatSync);
  if (there === undefined) return undefined;
  if (!there.isFile()) {
    const message = `found ${there.isDirectory() ? "a directory" : "something that is no regular file"}, expected a file or nothing`;
    return { code: "CLI_OUTPUT_UNWRITABLE", at, message };
  }
  if (force) return undefined;
  const hint = "choose another name, or --force to write over it";
  return { code: "CLI_OUTPUT_EXISTS", at, message: "found a file, expected nothing there", hint };
}

/**
 * Makes sure, before any work, that pictures can be written where they were asked for. `printed` is the option whose
 * product goes to stdout already, if one does.
 */
export function checkPictureFiles(options: PictureChoices, printed: string | undefined): void {
  const problems: Problem[] = [];
  const pictures = asked(options);
  const onStdout = [
    ...(printed === undefined ? [] : [printed]),
    ...pictures.filter(([, file]) => file === standardOutput).map(([format]) => `--${format}`),
  ];
  if (onStdout.length > 1) {
    const message = `found ${onStdout.join(" and ")} on stdout, expected one of them`;
    problems.push({ code: "CLI_OPTION_INVALID", at: { path: onStdout.at(-1) ?? "" }, message });
  }
  const files = pictures.filter(([, file]) => file !== standardOutput);
  if (files.length > 1 && new Set(files.map(([, file]) => resolve(file))).size === 1) {
    const message = "found the file of --svg, expected another";
    problems.push({ code: "CLI_OPTION_INVALID", at: { path: "--html" }, message });
  }
  for (const [format, file] of files) {
    const problem = namedFileProblem(`--${format}`, file, options.force ?? false);
    if (problem !== undefined) problems.push(problem);
  }
  if (problems.length > 0) throw new ModelFileError(problems);
}

function namedFileProblem(option: string, file: string, force: boolean): Problem | undefined {
  if (file !== "") return fileProblem(file, force);
  return { code: "CLI_OPTION_INVALID", at: { path: option }, message: 'found "", expected a file' };
}

/** Makes sure, before any work, that a page can be written where an option says. */
export function checkPageFile(option: string, file: string, force: boolean): void {
  const problem = file === standardOutput ? undefined : namedFileProblem(option, file, force);
  if (problem !== undefined) throw new ModelFileError(problem);
}

/** Draws a model into the files that were asked for: all of them or none. */
export async function writePictures(model: ImportedModel, options: PictureChoices): Promise<void> {
  const { network, format, files, notes } = model;
  const { networkHtml, networkSvg } = await import("../runtime/picture/index.js");
  const source = `${format}, ${files.filter((file) => file !== "-").join(", ") || "standard input"}`;
  const draw = {
    svg: () => networkSvg(network),
    html: () => networkHtml(network, { source, notes: notes.map(formatNote) }),
  };
  const texts: { readonly file: string; readonly text: string }[] = [];
  for (const [kind, file] of asked(options)) texts.push({ file, text: await draw[kind]() });
  const pending = texts.filter(({ file }) => file !== standardOutput);
  await writeFilesAtomically(pending.map(({ file, text }) => ({ path: file, chunks: [Buffer.from(text)] })));
  for (const { file, text } of texts) {
    if (file === standardOutput) writeProduct(text);
    else say(`wrote ${file}`);
  }
}
