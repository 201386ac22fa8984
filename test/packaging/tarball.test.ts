import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { importers } from "../../generators/index.js";
import { scratchDirectory } from "../cli/run-cli.js";
import { commandsOf, fencesOf, fenceUnder } from "../docs/fences.js";
import { noRegistry, root, run } from "./npm.js";

const scratch = scratchDirectory();
const installed = "node_modules/paramserv";
const solver = `${installed}/fixtures/models/lenet/lenet_solver.prototxt`;
const digits = `${installed}/fixtures/data/digits.npz`;

/** The tarball's name and the files in it. */
let tarball: { readonly filename: string; readonly files: readonly { readonly path: string }[] };
beforeAll(async () => {
  const packed = await run(root, "npm", "pack", "--ignore-scripts", "--json", "--pack-destination", scratch);
  expect(packed.status, packed.stderr).toBe(0);
  const listed = JSON.parse(packed.stdout) as Readonly<Record<string, typeof tarball>> | readonly (typeof tarball)[];
  tarball = Object.values(listed)[0] as typeof tarball;
});

describe("the packed tarball", () => {
  test("holds every file that README links or names in a command", () => {
    const packed = new Set(tarball.files.map(({ path }) => path));
    const readme = readFileSync(join(root, "README.md"), "utf8");
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path ?? "");
    const files = [...readme.matchAll(/\bfixtures\/[\w./-]+\.\w+/g)].map(([path]) => path);
    expect(links.length).toBeGreaterThan(3);
    expect(files.length).toBeGreaterThan(3);
    expect([...links, ...files].filter((path) => !packed.has(path))).toEqual([]);
  });

  test("holds the build and no tests", () => {
    const paths = tarball.files.map(({ path }) => path);
    expect(paths).toContain("dist/cli/bin.js");
    expect(paths).toContain("dist/kernels.wasm");
    expect(paths.filter((path) => /^(test|scripts|benchmarks|node_modules)\//.test(path))).toEqual([]);
  });

  test("claims to import the formats that it does", () => {
    const { description } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { description: string };
    const claimed = /^Imports (.+?) models/.exec(description)?.[1]?.split(/, | and /) ?? [];
    const formats = Object.keys(importers);
    expect(claimed.length).toBeGreaterThan(0);
    expect(claimed.filter((name) => !formats.includes(name.toLowerCase()))).toEqual([]);
  });
});

const unreachable = noRegistry();

describe.skipIf(unreachable !== undefined)(
  unreachable === undefined ? "installed where npm's registry is the only network" : `skipped: ${unreachable}`,
  () => {
    const paramserv = (...args: readonly string[]) => run(scratch, "npx", "--no-install", "paramserv", ...args);
    const train = () => paramserv("train", solver, "--data", digits, "--epochs", "1", "-k", "2", "--out", "trained");

    test("it inspects and converts, says what training lacks, and trains once that is done", async () => {
      writeFileSync(join(scratch, "package.json"), '{ "private": true, "type": "module" }\n');
      const install = await run(scratch, "npm", "install", `./${tarball.filename}`);
      expect(install.status, install.stderr).toBe(0);

      const inspected = await paramserv("inspect", solver);
      expect({ status: inspected.status, parameters: inspected.stdout.includes("431,080") }).toEqual({
        status: 0,
        parameters: true,
      });

      const lacking = await train();
      expect(lacking.status).toBe(3);
      expect(lacking.stderr).toContain("ENGINE_UNAVAILABLE: onnxruntime-node is not installed");
      const hint = /hint: npm (install onnxruntime-node --ignore-scripts)/.exec(lacking.stderr)?.[1] ?? "";
      const mended = await run(scratch, "npm", ...hint.split(" "));
      expect(mended.status, mended.stderr).toBe(0);

      const trained = await train();
      expect(trained.status, trained.stderr).toBe(0);
      expect(Number(/val accuracy +(\S+)/.exec(trained.stdout)?.[1])).toBeGreaterThan(0.7);
    }, 120_000);

    test("it installs as README says, and is a library", async () => {
      const folder = join(scratch, "as-readme-says");
      mkdirSync(folder);
      writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
      renameSync(join(scratch, tarball.filename), join(folder, tarball.filename));
      try {
        const block = fencesOf(join(root, "README.md")).find(({ text }) =>
          text.includes("npm install --ignore-scripts"),
        );
        for (const command of commandsOf(block?.text ?? "")) {
          const { status, stderr } = await run(folder, "sh", "-c", command);
          expect(status, `${command}\n${stderr}`).toBe(0);
        }
        expect(existsSync(join(folder, "node_modules/paramserv/dist/cli/bin.js"))).toBe(true);
      } finally {
        renameSync(join(folder, tarball.filename), join(scratch, tarball.filename));
      }
      const program = fenceUnder(join(root, "README.md"), "As a library", "ts", 1);
      writeFileSync(join(folder, "program.js"), program);
      const { status, stderr } = await run(folder, "node", "program.js");
      expect(status, stderr).toBe(0);
    }, 120_000);

    test("a generated package that depends on the tarball installs, compiles and trains as README says", async () => {
      symlinkSync(join(scratch, installed, "fixtures"), join(scratch, "fixtures"));
      const [convert = "", start = ""] = commandsOf(fenceUnder(join(root, "README.md"), "Own the code", "sh"));
      const converted = await run(scratch, "sh", "-c", `${convert} --runtime file:../${tarball.filename} --epochs 1`);
      expect(converted.status, converted.stderr).toBe(0);
      const { status, stdout, stderr } = await run(scratch, "sh", "-c", start);
      expect(status, stderr).toBe(0);
      expect(stdout).toMatch(/^ *files +result\/model\.onnx/m);
    }, 120_000);
  },
);
