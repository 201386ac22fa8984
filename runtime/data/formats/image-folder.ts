import { createHash } from "node:crypto";
import { type Dirent, readdirSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { imageExtensions } from "../images/sharp.js";
import { dataError, ProblemList } from "../problem-list.js";
import { reasonOf } from "../source.js";
import type { DataFormat, DataRequest } from "./format.js";
import { readPictures } from "./pictures.js";

/** A folder of pictures, a folder in it for each class; the classes are numbered in the order of their names. */
export const imageFolder: DataFormat = {
  description: "folder of pictures, a folder in it for each class",
  extensions: [],
  folder: true,
  recognises: () => false,
  read: async (source, request) => {
    const { file } = source;
    const { paths, classes } = listPictures(file);
    if (paths.length === 0) {
      const known = imageExtensions.join(", ");
      throw dataError("DATA_EMPTY", `the folder "${file}" has no pictures in it or in folders in it (${known})`);
    }
    if (request.want !== "features" && classes === undefined) {
      const message = `the folder "${file}" holds pictures without folders for classes, so they have no labels`;
      throw dataError("DATA_LABELS_MISSING", message, { hint: "name a file of their labels, or put them in folders" });
    }
    const numbered = classes === undefined ? undefined : numberClasses(file, { paths, classes, request });
    return readPictures(source, request, {
      folder: file,
      paths,
      order: "rgb",
      labels: undefined,
      notes: [],
      ...numbered,
    });
  },
  fingerprint: async ({ file }) => {
    const hash = createHash("sha256");
    for (const path of listPictures(file).paths) hash.update(`${path}\0${statSync(join(file, path)).size}\n`);
    return hash.digest("hex");
  },
};

interface Listed {
  /** In the folder, with `/` between names, sorted by code units so that no machine's language decides. */
  readonly paths: readonly string[];
  /** The names of the folders, where the pictures lie in folders. */
  readonly classes: readonly string[] | undefined;
}

function listPictures(folder: string): Listed {
  const entries = namesIn(folder);
  const flat = entries.filter(isPicture).map(({ name }) => name);
  if (flat.length > 0) return { paths: flat, classes: undefined };
  const classes: string[] = [];
  const paths: string[] = [];
  for (const entry of entries) {
    if (!isFolder(entry, folder)) continue;
    const found = namesIn(join(folder, entry.name)).filter(isPicture);
    if (found.length > 0) classes.push(entry.name);
    for (const { name } of found) paths.push(`${entry.name}/${name}`);
  }
  return { paths, classes };
}

function namesIn(folder: string): readonly Dirent[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !name.startsWith("."));
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw dataError("DATA_FILE_MISSING", `the folder "${folder}" cannot be read: ${reasonOf(error)}`);
  }
}

const isPicture = (entry: Dirent): boolean =>
  !entry.isDirectory() && (imageExtensions as readonly string[]).includes(extname(entry.name).toLowerCase());

const isFolder = (entry: Dirent, folder: string): boolean =>
  entry.isDirectory() ||
  (entry.isSymbolicLink() && statSync(join(folder, entry.name), { throwIfNoEntry: false })?.isDirectory() === true);

interface Numbering {
  readonly paths: readonly string[];
  readonly classes: readonly string[];
  readonly request: DataRequest;
}

function numberClasses(file: string, { paths, classes, request }: Numbering) {
  const known = request.labels[0]?.classNames;
  const names = known ?? classes;
  const numbers = new Map(names.map((name, index) => [name, index]));
  const problems = new ProblemList();
  for (const name of classes) {
    if (numbers.has(name)) continue;
    const message = `the folder "${join(file, name)}" is no class, expected one of ${listed(names)}`;
    problems.add("DATA_LABELS_INVALID", message);
  }
  problems.throwIfAny();
  const labels = Float64Array.from(paths, (path) => numbers.get(path.slice(0, path.indexOf("/"))) ?? -1);
  const shown = names.slice(0, 10).map((name, index) => `${index} = ${JSON.stringify(name)}`);
  const more = names.length > shown.length ? `, … ${names.length} classes in all` : "";
  return { labels, classNames: names, notes: [`classes of "${file}": ${shown.join(", ")}${more}`] };
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => JSON.stringify(name));
  return `${shown.join(", ")}${names.length > shown.length ? ", …" : ""}`;
}
