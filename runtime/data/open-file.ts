import { existsSync } from "node:fs";
import { join } from "node:path";
import { irregularity } from "../regular-file.js";
import type { DataFormat } from "./formats/format.js";
import { dataFormats } from "./formats/index.js";
import { dataError } from "./problem-list.js";
import { type DataSource, openSource, type ReadContext } from "./source.js";

/** A data file and who reads it. */
export interface OpenFile {
  readonly source: DataSource;
  readonly format: DataFormat;
}

/** Opens a file; its format is known by the content, else by the extension. Throws DATA_FORMAT_UNKNOWN. */
export async function openFile(file: string, context: ReadContext): Promise<OpenFile> {
  if (irregularity(file) === "a directory") return openFolder(file, context);
  const source = await openSource(file, context);
  return { source, format: formatOf(source) };
}

/** A folder that holds a database, or pictures. */
async function openFolder(folder: string, context: ReadContext): Promise<OpenFile> {
  const database = join(folder, "data.mdb");
  if (existsSync(database)) return openFile(database, context);
  const [format] = Object.values(dataFormats).filter((each) => each.folder === true);
  if (format === undefined) throw dataError("DATA_FORMAT_UNKNOWN", `"${folder}" is a folder, expected a file`);
  const nothing = async function* () {};
  const source: DataSource = {
    ...{ file: folder, size: 0, modified: 0, gzipped: false, head: new Uint8Array(), context },
    ...{ chunks: nothing, range: nothing, bytes: async () => new Uint8Array() },
  };
  return { source, format };
}

function formatOf({ file, head }: DataSource): DataFormat {
  const formats = Object.values(dataFormats);
  const byContent = formats.find((format) => format.recognises(head));
  if (byContent !== undefined) return byContent;
  const name = file.toLowerCase().replace(/\.gz$/, "");
  const byName = formats.find(({ extensions }) => extensions.some((extension) => name.endsWith(extension)));
  if (byName !== undefined) return byName;
  const known = formats.map(({ description }) => description).join("; ");
  throw dataError("DATA_FORMAT_UNKNOWN", `"${file}" is of no known data format, expected one of: ${known}`);
}
