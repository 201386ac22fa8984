import { join } from "node:path";
import { structuredPatch } from "diff";
import { manifestName } from "../../generators/targets/files/manifest.js";
import type { GeneratedFiles } from "../../generators/targets/index.js";
import { formatNumberOf } from "../../runtime/report/format.js";
import { readStoredFiles, recordFolder } from "./record.js";
import type { Finding } from "./types.js";

/** Lines of a diff that are shown; the rest is counted. */
const mostLines = 14;

/** The files of a product as bytes. Its manifest follows from the others, and is left out. */
export function storedForm(files: GeneratedFiles): ReadonlyMap<string, Uint8Array> {
  const entries = Object.entries(files).filter(([path]) => path !== manifestName);
  return new Map(
    entries.map(([path, content]) => [
      path,
      typeof content === "string" ? Buffer.from(content) : Buffer.concat(content),
    ]),
  );
}

function isText(bytes: Uint8Array): boolean {
  return !bytes.includes(0);
}

interface Difference {
  /** The first line that is another one, of the stored file. */
  readonly line: number;
  /** Lines that are only in one of the two. */
  readonly count: number;
  readonly diff: readonly string[];
}

function differenceOf(stored: Uint8Array, found: Uint8Array): Difference | undefined {
  if (!isText(stored) || !isText(found)) return undefined;
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const { hunks } = structuredPatch("", "", text(stored), text(found), "", "", { context: 1 });
  const lines = hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines: changed }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...changed,
  ]);
  const isChange = (line: string): boolean => line.startsWith("-") || line.startsWith("+");
  const [first] = hunks;
  const before = first?.lines.findIndex(isChange) ?? 0;
  const rest = lines.length - mostLines;
  return {
    line: (first?.oldStart ?? 1) + before,
    count: lines.filter(isChange).length,
    diff: rest > 1 ? [...lines.slice(0, mostLines), `… ${rest} more lines`] : lines,
  };
}

function compareFile(file: string, stored: Uint8Array | undefined, found: Uint8Array | undefined): Finding | undefined {
  const part = "code";
  if (stored === undefined) return { part, at: { file }, message: "this file is generated now, and was not" };
  if (found === undefined) return { part, at: { file }, message: "this file is not generated any more" };
  if (Buffer.compare(stored, found) === 0) return undefined;
  const difference = differenceOf(stored, found);
  if (difference === undefined) return { part, at: { file }, message: "the generated file has other bytes" };
  const { line, count, diff } = difference;
  return {
    part,
    at: { file, line },
    message: `generated otherwise, ${formatNumberOf(count, "line")} of the diff`,
    diff,
  };
}

/** A package of a model as its record has it: the folder that is checked, the model and the target. */
export interface StoredPackage {
  readonly directory: string;
  readonly name: string;
  readonly target: string;
}

/** What is other in a package than in the stored one, a finding for each file. Undefined where none is stored. */
export function compareCode(
  { directory, name, target }: StoredPackage,
  found: ReadonlyMap<string, Uint8Array>,
): readonly Finding[] | undefined {
  const stored = readStoredFiles(directory, name, target);
  if (stored.size === 0) return undefined;
  const paths = [...new Set([...stored.keys(), ...found.keys()])].toSorted();
  return paths.flatMap((path) => {
    const file = join(recordFolder(directory), name, target, path);
    return compareFile(file, stored.get(path), found.get(path)) ?? [];
  });
}
