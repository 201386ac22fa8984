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
  const source = await openSource(file, context);
  return { source, format: formatOf(source) };
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
