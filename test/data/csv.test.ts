import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { pairOf, problemsOf, readDataset, temporaryDirectory } from "./files.js";

const directory = temporaryDirectory();
const table = (text: string) => directory.write("table.csv", text);

describe("reading CSV files", () => {
  it("takes the last column as labels where there is no header", async () => {
    const dataset = await readDataset(table("1,2,0\n3,4.5,1\n-5,6e1,0\n"));
    const { features, labels } = pairOf(dataset);
    expect(features.shape).toEqual([3, 2]);
    expect([...features.data]).toEqual([1, 2, 3, 4.5, -5, 60]);
    expect([...labels.data]).toEqual([0, 1, 0]);
    expect(dataset.notes).toEqual([expect.stringContaining("its last column, 3")]);
  });

  it.each([
    ["label,0,1\n5,10,11\n6,12,13\n", [10, 11, 12, 13], [5, 6]],
    ["a,Class,b\n10,5,11\n12,6,13\n", [10, 11, 12, 13], [5, 6]],
    ["y\ta\n1\t2\n3\t4\n", [2, 4], [1, 3]],
    ["a;b;c\r\n1;2;3\r\n", [1, 2], [3]],
    ["\ufeffa,b\n\n1,2\n\n", [1], [2]],
  ])("finds header, delimiter and label column of %j", async (text, x, y) => {
    const { features, labels } = pairOf(await readDataset(table(text)));
    expect([...features.data]).toEqual(x);
    expect([...labels.data]).toEqual(y);
  });

  it("takes the label column that is asked for, by name or by number", async () => {
    for (const labelColumn of ["b", 2, "2"]) {
      const { features, labels } = pairOf(await readDataset(table("a,b,c\n1,2,3\n"), { labelColumn }));
      expect([[...features.data], [...labels.data]]).toEqual([[1, 3], [2]]);
    }
    expect((await problemsOf(readDataset(table("a,b\n1,2\n"), { labelColumn: "d" })))[0]).toMatch(
      /^DATA_ARRAY_MISSING label column "d" is not in ".*", which has 2 columns: "a", "b"$/,
    );
  });

  it("refuses names that mean nothing in the format of the file", async () => {
    const file = table("a,b\n1,2\n");
    expect(await problemsOf(readDataset(file, { inputArrays: "x", labelArrays: "y" }))).toEqual([
      `DATA_OPTION_INVALID arrays were named for "${file}", expected an .npz file, the format whose arrays have names`,
    ]);
  });

  it("sorts words to class numbers and reports them", async () => {
    const dataset = await readDataset(table('w,species\n1,virginica\n2,"setosa"\n3,virginica\n'));
    const { classNames, notes } = dataset;
    expect([...pairOf(dataset).labels.data]).toEqual([1, 0, 1]);
    expect(classNames).toEqual({ labels: ["setosa", "virginica"] });
    expect(notes.at(-1)).toMatch(/classes of .*: 0 = "setosa", 1 = "virginica"$/);
  });

  it("numbers words as it is told, whichever of them the file holds", async () => {
    const classNames = { labels: ["rose", "setosa", "7"] };
    const file = table("w,species\n1,setosa\n2,7\n3,setosa\n");
    const dataset = await readDataset(file, { classNames });
    expect([...pairOf(dataset).labels.data]).toEqual([1, 2, 1]);
    expect(dataset.classNames).toEqual(classNames);
    expect(await problemsOf(readDataset(table("w,species\n1,setosa\n2,tulip\n"), { classNames }))).toEqual([
      `DATA_CELL_INVALID label column 2 ("species") is "tulip", expected a class name of "rose", "setosa", "7"`,
    ]);
    const numbers = await readDataset(table("w,species\n1,0\n2,1\n"), { classNames });
    expect([...pairOf(numbers).labels.data]).toEqual([0, 1]);
  });

  it("says which file it read", async () => {
    const { origin } = await readDataset(table("1,2,0\n3,4,1\n"));
    // sha256sum of these twelve bytes.
    const sha256 = "6881a9620ebca1596c154cfba1f23f84d0e9107eb0f20bb41e20b68e0dcf4f92";
    expect(origin).toEqual({ files: [{ name: "table.csv", sha256 }], part: "rows", count: 2 });
  });

  it("reads labels from a second table and gzipped tables", async () => {
    const x = directory.write("x.csv.gz", gzipSync("1,2\n3,4\n"));
    const y = directory.write("y.csv", "label\n1\n0\n");
    const { features, labels } = pairOf(await readDataset(x, { labels: y }));
    expect([...features.data]).toEqual([1, 2, 3, 4]);
    expect([...labels.data]).toEqual([1, 0]);
  });

  it("reports all bad cells with their lines at once", async () => {
    const file = table("a,b,label\n1,2,0\n1,oops,1\n,2,0\n1,2\n1,1e300,0\n1,2,bird\n");
    expect(await problemsOf(readDataset(file))).toEqual([
      'DATA_CELL_INVALID column 2 ("b") is "oops", expected a finite number',
      'DATA_CELL_INVALID column 1 ("a") is empty, expected a finite number',
      "DATA_CELL_INVALID found 2 cells, expected 3 as in the first line",
      'DATA_CELL_INVALID column 2 ("b") is "1e300", expected a finite number',
      'DATA_CELL_INVALID label column 3 ("label") is "bird", expected a finite number',
    ]);
    await expect(readDataset(file)).rejects.toThrow(/table\.csv:3 DATA_CELL_INVALID: column 2/);
    await expect(readDataset(file)).rejects.toThrow(/table\.csv:7 DATA_CELL_INVALID: label/);
  });

  it("has one problem for a column without any number, and each cell's for one with some", async () => {
    expect(await problemsOf(readDataset(table("a,b,label\n1,x,0\n2,,1\n3,z,0\n")))).toEqual([
      'DATA_CELL_INVALID column 2 ("b") holds no number in any of 3 rows, the first is "x", expected finite numbers',
    ]);
    expect(await problemsOf(readDataset(table("a,b,label\n1,x,0\n2,y,1\n3,4,0\n")))).toHaveLength(2);
  });

  it("shows twenty problems and counts the rest", async () => {
    const file = table(`a,label\n${"x,1\n".repeat(30)}`.replace("x,1", "1,1"));
    const problems = await problemsOf(readDataset(file));
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toBe("DATA_CELL_INVALID and 9 more problems of this kind or others");
  });

  it("names tables without rows or features and broken quotes", async () => {
    expect((await problemsOf(readDataset(table("a,label\n"))))[0]).toMatch(/^DATA_EMPTY .* has no rows/);
    expect((await problemsOf(readDataset(table("label\n1\n"))))[0]).toMatch(/^DATA_EMPTY .* one column/);
    const broken = 'a,label\n1,2\n"1,2\n3,4\n';
    expect((await problemsOf(readDataset(table(broken))))[0]).toMatch(
      /^DATA_FILE_DAMAGED the table cannot be read: Quote/,
    );
  });

  it("reads many rows in chunks, with progress", async () => {
    const text = Array.from({ length: 60_000 }, (_, row) => `${row},${row * 2},${row % 10},padding-${row % 3}`).join(
      "\n",
    );
    const seen: number[] = [];
    const dataset = await readDataset(table(text.replaceAll("padding-", "class")), {
      onProgress: ({ bytes, total }) => seen.push(bytes / total),
    });
    const { features } = pairOf(dataset);
    expect(features.shape).toEqual([60_000, 3]);
    expect(features.data[3 * 59_999]).toBe(59_999);
    expect(dataset.classNames).toEqual({ labels: ["class0", "class1", "class2"] });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)).toBe(1);
  });

  it("ends with the signal's reason when aborted on the way", async () => {
    const file = directory.write("long.csv", "1,2,3\n".repeat(500_000));
    const controller = new AbortController();
    const reading = readDataset(file, { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(reading).rejects.toThrow(/abort/);
    await expect(readDataset(file, { signal: controller.signal })).rejects.toThrow(/abort/);
  });
});
