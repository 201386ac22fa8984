import { internalError } from "../../errors.js";
import { ProblemList } from "../problem-list.js";
import type { RawArray } from "../raw-array.js";
import type { DataSource } from "../source.js";
import type { DataFormat, DataRequest, RawData } from "./format.js";
import { readNpy } from "./npy.js";
import { extractZipEntry, readZipDirectory, type ZipEntry } from "./zip.js";

/** Array names that are taken when none is given, in the order of preference; case does not matter. */
const featureNames = ["x", "features", "images", "data", "inputs", "x_train", "train_x", "train_images", "arr_0"];
const labelNames = [
  "y",
  "labels",
  "label",
  "targets",
  "target",
  "classes",
  "y_train",
  "train_y",
  "train_labels",
  "arr_1",
];
const validationNames = [
  ["x_test", "y_test"],
  ["x_val", "y_val"],
  ["x_valid", "y_valid"],
  ["test_images", "test_labels"],
] as const;

/** NumPy's .npz: a zip archive of .npy files, stored or deflated. Only the arrays that are used are decompressed. */
export const npz: DataFormat = {
  description: "NumPy archive (.npz) with features x and labels y",
  extensions: [".npz"],
  takes: ["features", "labelsName"],
  recognises: (head) => head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || head[2] === 5),
  read: async (source, request) => readArchive(await openArchive(source), request),
};

interface Archive {
  readonly file: string;
  /** Array names without `.npy`. */
  readonly names: readonly string[];
  array(name: string): Promise<RawArray>;
}

async function readArchive(archive: Archive, request: DataRequest): Promise<RawData> {
  const { want } = request;
  const problems = new ProblemList();
  const names = {
    features: want === "labels" ? undefined : find(archive, { what: "features", given: request.features }, problems),
    labels: want === "features" ? undefined : find(archive, { what: "labels", given: request.labelsName }, problems),
    validation: want === "both" && request.features === undefined ? validationOf(archive) : undefined,
  };
  problems.throwIfAny();
  const notes: string[] = [];
  const used = [names.features, names.labels].flatMap((name) => (name === undefined ? [] : [`"${name}"`]));
  if (archive.names.length > used.length) notes.push(`of "${archive.file}", ${used.join(" and ")} are used`);
  const raw: { -readonly [Key in keyof RawData]: RawData[Key] } = { notes };
  if (names.features !== undefined) raw.features = await archive.array(names.features);
  if (names.labels !== undefined) raw.labels = await archive.array(names.labels);
  if (names.validation !== undefined) {
    const [x, y] = names.validation;
    notes.push(`of "${archive.file}", "${x}" and "${y}" are taken as validation data`);
    raw.validation = { features: await archive.array(x), labels: await archive.array(y) };
  }
  return raw;
}

const knownNames = { features: featureNames, labels: labelNames };

function find(
  { file, names }: Archive,
  { what, given }: { readonly what: "features" | "labels"; readonly given: string | undefined },
  problems: ProblemList,
): string | undefined {
  if (given !== undefined && names.includes(given)) return given;
  if (given === undefined) {
    for (const candidate of knownNames[what]) {
      const name = names.find((each) => each.toLowerCase() === candidate);
      if (name !== undefined) return name;
    }
    // A file of labels alone needs no name.
    if (what === "labels" && names.length === 1) return names[0];
  }
  const has = names.length === 0 ? "no arrays" : `the arrays ${names.map((name) => `"${name}"`).join(", ")}`;
  const expected = given === undefined ? `one of ${knownNames[what].join(", ")}` : `"${given}"`;
  const hint = given === undefined ? { hint: `name the array of the ${what}` } : {};
  problems.add("DATA_ARRAY_MISSING", `"${file}" has ${has}, expected ${expected} for the ${what}`, hint);
  return undefined;
}

function validationOf({ names }: Archive): readonly [string, string] | undefined {
  for (const pair of validationNames) {
    const [x, y] = pair.map((candidate) => names.find((name) => name.toLowerCase() === candidate));
    if (x !== undefined && y !== undefined) return [x, y];
  }
  return undefined;
}

async function openArchive(source: DataSource): Promise<Archive> {
  const { file } = source;
  const bytes = await source.bytes();
  const entries = new Map<string, ZipEntry>();
  for (const entry of readZipDirectory(file, bytes)) {
    if (entry.name.endsWith(".npy")) entries.set(entry.name.slice(0, -".npy".length), entry);
  }
  return {
    file,
    names: [...entries.keys()],
    array: async (name) => {
      const entry = entries.get(name);
      if (entry === undefined) throw internalError(`no zip entry for array ${name}`);
      return readNpy(await extractZipEntry(file, bytes, entry), `array "${name}" of "${file}"`, file);
    },
  };
}
