import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { saveModel } from "../../runtime/results/save-model.js";
import { residualNet } from "../picture/networks.js";
import { root, runCli, scratchDirectory } from "./run-cli.js";

const scratch = scratchDirectory();
const net = "fixtures/models/lenet/lenet_train_test.prototxt";

/** Runs `paramserv inspect` with a text on stdin. */
function withInput(args: readonly string[], text: string) {
  return spawnSync(process.execPath, [join(root, "dist/cli/bin.js"), "inspect", ...args], {
    cwd: root,
    input: text,
    encoding: "utf8",
  });
}

describe("inspect --svg and --html", () => {
  it("write pictures, the same every time, and say so", async () => {
    const [svg, html, again] = ["net.svg", "net.html", "again.svg"].map((name) => join(scratch, name)) as [
      string,
      string,
      string,
    ];
    const { status, stdout, stderr } = await runCli(["inspect", net, "--svg", svg, "--html", html]);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: `wrote ${svg}\nwrote ${html}\n` });
    await runCli(["inspect", net, "--svg", again]);
    expect(readFileSync(again, "utf8")).toBe(readFileSync(svg, "utf8"));
    expect(readFileSync(html, "utf8")).toContain("<h1>LeNet</h1>");
    expect(readFileSync(html, "utf8")).not.toContain(root);
  });

  it("write no file over another without --force", async () => {
    const [first, second] = [join(scratch, "mine.svg"), join(scratch, "new.html")];
    writeFileSync(first, "mine");
    const refused = await runCli(["inspect", net, "--svg", first, "--html", second]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain(`${first} CLI_OUTPUT_EXISTS: `);
    expect(readFileSync(first, "utf8")).toBe("mine");
    expect(existsSync(second)).toBe(false);
    expect((await runCli(["inspect", net, "--svg", first, "--force"])).status).toBe(0);
    expect(readFileSync(first, "utf8")).toContain("<svg");
    expect(readdirSync(scratch).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("need a directory that is there, a file and not a directory, and one product on stdout", async () => {
    const missing = await runCli(["inspect", net, "--svg", join(scratch, "no/net.svg"), "--html", scratch]);
    expect(missing.status).toBe(2);
    expect(missing.stderr).toMatch(/CLI_OUTPUT_UNWRITABLE: its directory .*no does not exist/);
    expect(missing.stderr).toContain("CLI_OUTPUT_UNWRITABLE: found a directory, expected a file");
    const both = await runCli(["inspect", net, "--json", "--svg", "-"]);
    expect(both.status).toBe(2);
    expect(both.stderr).toContain("CLI_OPTION_INVALID: found --json and --svg on stdout, expected one of them");
    const same = await runCli(["inspect", net, "--html", join(scratch, "x"), "--svg", join(scratch, "./x")]);
    expect(same.stderr).toContain("--html CLI_OPTION_INVALID: found the file of --svg, expected another");
  });
});

describe("inspect -", () => {
  it("reads a net or a solver on stdin and writes a picture to stdout", async () => {
    const text = readFileSync(join(root, net), "utf8");
    const drawn = withInput(["-", "--svg", "-"], text);
    expect({ status: drawn.status, stderr: drawn.stderr }).toEqual({ status: 0, stderr: "" });
    expect(drawn.stdout).toMatch(/^<svg .*<\/svg>\n$/s);
    expect(drawn.stdout).toContain("-:25");
    const solver = withInput(["-", "--json"], `net: "${net}"\nbase_lr: 0.1\nlr_policy: "fixed"\nmax_iter: 10`);
    expect(JSON.parse(solver.stdout).parameters).toBe(431_080);
  });

  it("says what is wrong with a text, by its place on stdin", async () => {
    const bad = withInput(["-"], 'layer { name: "a" type: "Convolutoin" }');
    expect(bad.status).toBe(2);
    expect(bad.stderr).toContain("-:1:25");
    expect(withInput(["-"], "").stderr).toContain("MODEL_FORMAT_UNKNOWN");
  });
});

describe("inspect of a result folder", () => {
  it("shows variables, metadata and JSON files", async () => {
    const directory = join(scratch, "trained");
    const network = residualNet(1);
    const weights = Object.fromEntries(
      network.variables.map(({ name, shape }) => {
        const data = new Float32Array(shape.reduce((product, length) => product * length, 1));
        return [name, { shape, data }];
      }),
    );
    await saveModel({ directory, network, weights, metadata: { seed: "7" } });
    writeFileSync(join(directory, "run.json"), JSON.stringify({ epochs: 3, options: { k: 2 } }));
    const { status, stdout } = await runCli(["inspect", directory]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/stem\.weight +16×3×3×3 +432\n/);
    expect(stdout).toMatch(/seed +7\n/);
    expect(stdout).toMatch(/run\.json\n {2}epochs +3\n {2}options +\{"k":2\}/);
    const json = JSON.parse((await runCli(["inspect", directory, "--json"])).stdout);
    expect(json).toMatchObject({ format: "result", facts: { "run.json": { epochs: 3 } }, metadata: { seed: "7" } });
    expect(json.variables).toContainEqual({ name: "stem.weight", shape: [16, 3, 3, 3] });
    const drawn = await runCli(["inspect", directory, "--svg", "-"]);
    expect(drawn.status).toBe(2);
    expect(drawn.stderr).toContain("it holds no layers for --svg");
  });

  it("says that a file in it is damaged", async () => {
    const directory = join(scratch, "damaged");
    mkdirSync(directory);
    writeFileSync(join(directory, "model.safetensors"), "not one");
    const { status, stderr } = await runCli(["inspect", directory]);
    expect(status).toBe(2);
    expect(stderr).toContain("SAFETENSORS_INVALID");
  });
});
