import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";

/**
 * The table "Rooms" of ARCHITECTURE.md says what each folder may import. It is read here and held against every import of
 * the sources, both ways: what is imported stands in the table, and what stands in the table is imported.
 */
const root = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
/** What every room may import. */
const common = "runtime/*.ts";

interface Room {
  readonly folders: readonly string[];
  readonly allowed: readonly string[];
}

/** `runtime/*.ts` stands for the files of a folder themselves. */
function roomsOf(markdown: string): readonly Room[] {
  const lines = markdown.split("\n");
  const start = lines.findIndex((line) => line.startsWith("| folder |"));
  const rows = lines.slice(
    start + 2,
    lines.findIndex((line, index) => index > start && !line.startsWith("|")),
  );
  const quoted = (cell = "") => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => (name ?? "").replace(/\/$/, ""));
  return rows.map((line) => {
    const cells = line.split(" | ");
    return { folders: quoted(cells[0]), allowed: quoted(cells.at(-1)) };
  });
}

const rooms = roomsOf(readFileSync(join(root, "ARCHITECTURE.md"), "utf8"));
const folders = rooms.flatMap((room) => room.folders);

/** The room of a file: that of the longest folder around it. */
function roomOf(file: string): string | undefined {
  const around = folders.filter((folder) =>
    folder.endsWith("/*.ts") ? dirname(file) === dirname(folder) : file.startsWith(`${folder}/`),
  );
  return around.sort((a, b) => b.length - a.length)[0];
}

const files = ["cli", "generators", "runtime"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".as.ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name))),
);

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly file: string;
}

function edgesOf(file: string): readonly Edge[] {
  const text = readFileSync(join(root, file), "utf8");
  const paths = [...text.matchAll(/^(?:import|export|\} from)[^;"]*"(\.[^"]+)\.js"|import\("(\.[^"]+)\.js"\)/gm)];
  return paths.flatMap(([, path, dynamic]) => {
    const imported = relative(root, join(root, dirname(file), `${path ?? dynamic}.ts`));
    const [from, to] = [roomOf(file) ?? file, roomOf(imported) ?? imported];
    return from === to ? [] : [{ from, to, file }];
  });
}

// The public API names every room.
const edges = files.filter((file) => file !== "runtime/index.ts").flatMap(edgesOf);
const allowedFrom = (from: string) => rooms.find((room) => room.folders.includes(from))?.allowed ?? [];

/** A folder of the table stands for the rooms in it. */
const covers = (name: string, room: string) => room === name || room.startsWith(`${name}/`);

describe("the table of rooms in ARCHITECTURE.md", () => {
  test("has a row for every source file, and a folder for every row", () => {
    expect(files.filter((file) => roomOf(file) === undefined)).toEqual([]);
    expect(folders.filter((folder) => !existsSync(join(root, folder.replace("/*.ts", ""))))).toEqual([]);
    expect(edges.length).toBeGreaterThan(500);
  });

  test("lists every import between rooms", () => {
    const surplus = edges.filter(({ from, to }) => ![common, ...allowedFrom(from)].some((name) => covers(name, to)));
    expect([...new Set(surplus.map(({ from, to, file }) => `${from} imports ${to} (${file})`))]).toEqual([]);
  });

  test("has no circle of rooms inside runtime", () => {
    const inside = edges.filter(({ from, to }) => from.startsWith("runtime/") && to.startsWith("runtime/"));
    // A room whose imports all lead to rooms already left is left, too; what remains goes in circles.
    let left = new Set(inside.flatMap(({ from, to }) => [from, to]));
    for (let size = Infinity; left.size < size; ) {
      size = left.size;
      const stays = (room: string) => inside.some(({ from, to }) => from === room && left.has(to));
      left = new Set([...left].filter(stays));
    }
    expect([...left]).toEqual([]);
  });

  test("lists no import that nobody makes", () => {
    const isMade = (from: string, name: string) => edges.some((edge) => edge.from === from && covers(name, edge.to));
    const idle = rooms.flatMap(({ folders: names, allowed }) =>
      allowed.filter((to) => !names.some((from) => isMade(from, to))).map((to) => `${names} → ${to}`),
    );
    expect(idle).toEqual([]);
  });
});
