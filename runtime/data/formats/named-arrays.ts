import { ProblemList } from "../problem-list.js";
import type { RawColumn } from "../stored-column.js";
import type { DataRequest, RawColumns, RawData } from "./format.js";
import { type Columns, type Found, findAll, findValidation, type Named } from "./npz-names.js";

/** A file of arrays that have names. */
export interface NamedArrays extends Named {
  array(name: string): Promise<RawColumn>;
}

/** Finds the arrays of the columns that are wanted by their names, and reads those. */
export async function readNamed(archive: NamedArrays, request: DataRequest): Promise<RawData> {
  const { want } = request;
  const problems = new ProblemList();
  const features = want === "labels" ? undefined : findAll(archive, "features", request, problems);
  const labels = want === "features" ? undefined : findAll(archive, "labels", request, problems);
  problems.throwIfAny();
  const validation = features && labels && findValidation(archive, { features, labels }, request);
  return {
    ...(features && { features: await columnsOf(archive, features) }),
    ...(labels && { labels: await columnsOf(archive, labels) }),
    ...(validation && {
      validation: {
        features: await columnsOf(archive, validation.features),
        labels: await columnsOf(archive, validation.labels),
      },
    }),
    notes: notesOf(archive, { features: features ?? {}, labels: labels ?? {} }, validation),
  };
}

async function columnsOf(archive: NamedArrays, found: Found): Promise<RawColumns> {
  const columns: [string, RawColumn][] = [];
  for (const [column, name] of Object.entries(found)) columns.push([column, await archive.array(name)]);
  return Object.fromEntries(columns);
}

function notesOf({ file, names }: Named, used: Columns, validation: Columns | undefined): readonly string[] {
  const all = (columns: Columns) => [...Object.values(columns.features), ...Object.values(columns.labels)];
  return [
    ...(names.length > all(used).length ? [`of "${file}", ${joined(all(used))} are used`] : []),
    ...(validation ? [`of "${file}", ${joined(all(validation))} are taken as validation data`] : []),
  ];
}

/** `"a"`, `"a" and "b"`, `"a", "b" and "c"`. */
function joined(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  return quoted.length <= 1 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} and ${quoted.at(-1)}`;
}
