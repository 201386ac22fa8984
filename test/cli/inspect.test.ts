import { describe, expect, it } from "vitest";
import { commands } from "../../cli/commands/index.js";
import { root, runCli } from "./run-cli.js";

const models = {
  lenet: ["fixtures/models/lenet/lenet_solver.prototxt"],
  // Its Data layer does not say how large the images are.
  cifar10_quick: ["fixtures/models/cifar10_quick/cifar10_quick_solver.prototxt", "--input-shape", "3,32,32"],
};

describe("inspect", () => {
  it.each(Object.entries(models))("shows %s as a table", async (name, args) => {
    const { status, stdout, stderr } = await runCli(["inspect", ...args]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).not.toContain(root);
    await expect(stdout).toMatchFileSnapshot(`golden/inspect/${name}.txt`);
  });

  it.each(Object.entries(models))("prints %s as JSON", async (name, args) => {
    const { status, stdout, stderr } = await runCli(["inspect", ...args, "--json"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const keys = ["format", "name", "inputs", "outputs", "layers", "parameters", "problems"];
    expect(Object.keys(JSON.parse(stdout))).toEqual(keys);
    await expect(stdout).toMatchFileSnapshot(`golden/inspect/${name}.json.txt`);
  });

  it("counts LeNet's parameters as the published network has them", async () => {
    const { stdout } = await runCli(["inspect", ...models.lenet, "--json"]);
    const { parameters, layers } = JSON.parse(stdout);
    // 20·(5·5+1), 50·(20·5·5+1), 500·(800+1), 10·(500+1)
    expect(parameters).toBe(520 + 25_050 + 400_500 + 5010);
    expect(
      layers.map((layer: { parameters: number }) => layer.parameters).filter((count: number) => count > 0),
    ).toEqual([520, 25_050, 400_500, 5010]);
  });

  it("prints the same JSON with the problems of a model that cannot be read, and exits 2", async () => {
    const { status, stdout, stderr } = await runCli([
      "inspect",
      "fixtures/bad/caffe/missing_bottom.prototxt",
      "--json",
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain("CAFFE_BOTTOM_UNKNOWN: ");
    const found = JSON.parse(stdout);
    expect(Object.keys(found)).toEqual(["format", "name", "inputs", "outputs", "layers", "parameters", "problems"]);
    expect(found).toMatchObject({ layers: [], parameters: 0 });
    expect(found.problems[0]).toMatchObject({ severity: "error", code: "CAFFE_BOTTOM_UNKNOWN" });
    expect(found.problems[0].at).toMatchObject({ file: "fixtures/bad/caffe/missing_bottom.prototxt" });
    expect(found.problems[0].at.line).toBeGreaterThan(1);
  });

  it("prints every stage of the compilation, or one of them", async () => {
    const net = "test/cli/models/small_net.prototxt";
    const all = await runCli(["inspect", net, "--dump", "all"]);
    const headings = [...all.stdout.matchAll(/^== (.*) ==$/gm)].map(([, name]) => name);
    expect(headings).toEqual(["network", "graph", "before gradients", "gradients", "passes", "program"]);
    const gradients = await runCli(["inspect", net, "--dump", "gradients"]);
    expect(gradients.status).toBe(0);
    expect(all.stdout).toContain(gradients.stdout.trimEnd());
    expect(gradients.stdout).toContain("grad:conv1.weight");
  });

  it("takes the shape of the input from the command line where the file has none", async () => {
    const net = "test/cli/models/shapeless_net.prototxt";
    const without = await runCli(["inspect", net]);
    expect(without.status).toBe(2);
    expect(without.stderr).toContain("--input-shape");
    const given = await runCli(["inspect", net, "--input-shape", "2,6,5", "--json"]);
    expect(given.status).toBe(0);
    expect(JSON.parse(given.stdout).inputs).toEqual([{ name: "data", shape: [2, 6, 5] }]);
  });

  it("ends quietly when its reader goes away", async () => {
    const { status, stderr } = await runCli(["inspect", ...models.lenet, "--dump", "all"], { closesStdout: true });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

describe("help", () => {
  it.each(["inspect", "convert", "train", "shapes"])("explains paramserv %s", async (command) => {
    const { status, stdout, stderr } = await runCli([command, "--help"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    await expect(stdout).toMatchFileSnapshot(`golden/help/${command}.txt`);
  });

  it("lists every command with what it is about and what it does", async () => {
    const { status, stdout, stderr } = await runCli(["--help"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const text = stdout.replaceAll(/\s+/g, " ");
    for (const [name, { target, describe }] of Object.entries(commands)) {
      expect(text).toContain(`${[name, target?.name].filter((word) => word !== undefined).join(" ")} ${describe}`);
    }
  });

  it("prints the version of the package", async () => {
    const { stdout } = await runCli(["--version"]);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
