import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runtimeSpec } from "../../cli/runtime-spec.js";
import { scratchDirectory } from "./run-cli.js";

const scratch = scratchDirectory();

test.each([
  ["a registry", "https://registry.example/paramserv/-/paramserv-1.2.3.tgz", "^1.2.3"],
  ["a tarball", "file:../paramserv-1.2.3.tgz", "file:../node_modules/paramserv"],
])("a package asks for what was installed from %s", (name, resolved, spec) => {
  const home = join(scratch, name);
  const root = join(home, "node_modules/paramserv");
  mkdirSync(root, { recursive: true });
  const lock = { packages: { "node_modules/paramserv": { version: "1.2.3", resolved } } };
  writeFileSync(join(home, "node_modules/.package-lock.json"), JSON.stringify(lock));
  expect(runtimeSpec(join(home, "my-net"), { root, version: "1.2.3" })).toBe(spec);
});

test("a checkout, and an installation that nothing is noted of, are files", () => {
  for (const root of [join(scratch, "checkout"), join(scratch, "bare/node_modules/paramserv")]) {
    mkdirSync(root, { recursive: true });
    expect(runtimeSpec(join(scratch, "net"), { root, version: "1.2.3" })).toMatch(/^file:\.\.\/(checkout|bare)/);
  }
});
