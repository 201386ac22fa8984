import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { commands } from "../../cli/commands/index.js";
import { bashScript } from "../../cli/completion/bash.js";
import { fishScript } from "../../cli/completion/fish.js";
import { completedCommands } from "../../cli/completion/words.js";
import { zshScript } from "../../cli/completion/zsh.js";
import { runCli, scratchDirectory } from "./run-cli.js";

const scratch = scratchDirectory();
const words = completedCommands(commands);

/** What bash offers for a line whose last word is being typed, in the scratch directory. */
function offered(...line: readonly string[]): readonly string[] {
  writeFileSync(join(scratch, "script.bash"), bashScript(words));
  const quoted = line.map((word) => `'${word}'`).join(" ");
  // compopt works only while bash itself completes.
  const test = `compopt() { :; }; source script.bash; COMP_WORDS=(${quoted}); COMP_CWORD=${line.length - 1}
    _paramserv; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync("bash", ["-c", test], { cwd: scratch, encoding: "utf8" });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return stdout.split("\n").filter((word) => word !== "");
}

it("bash completes commands, options, choices and files", () => {
  writeFileSync(join(scratch, "net.prototxt"), "");
  expect(offered("paramserv", "in")).toEqual(["inspect"]);
  expect(offered("paramserv", "")).toEqual([...Object.keys(commands), "--help", "--version"]);
  expect(offered("paramserv", "train", "net.prototxt", "--ut")).toEqual(["--utype"]);
  expect(offered("paramserv", "train", "net.prototxt", "--utype", "")).toEqual(["BSP", "ASP", "SSP", "SBP", "HOGWILD"]);
  expect(offered("paramserv", "train", "--scheme", "DISJOINT_R")).toEqual(["DISJOINT_ROUND_ROBIN", "DISJOINT_RANDOM"]);
  expect(offered("paramserv", "train", "net")).toEqual(["net.prototxt"]);
  expect(offered("paramserv", "train", "--data", "net")).toEqual(["net.prototxt"]);
  expect(offered("paramserv", "inspect", "--svg", "net")).toEqual(["net.prototxt"]);
  expect(offered("paramserv", "inspect", "--html", "net")).toEqual(["net.prototxt"]);
  expect(offered("paramserv", "train", "-o", "net")).toEqual([]);
  expect(offered("paramserv", "train", "-k", "")).toEqual([]);
  expect(offered("paramserv", "completion", "f")).toEqual(["fish"]);
  expect(offered("paramserv", "convert", "--labels-arr")).toEqual([]);
});

it.each([
  ["zsh", zshScript(words), "HOGWILD\\: without locks]:value:(BSP ASP SSP SBP HOGWILD)'"],
  ["fish", fishScript(words), "-n '__fish_seen_subcommand_from train' -l utype -x -a 'BSP ASP SSP SBP HOGWILD' -d "],
])("%s knows every command and option", (_, script, utype) => {
  expect(script).toContain(utype);
  for (const { name, options } of words) {
    expect(script).toContain(name);
    for (const { flags } of options) expect(script).toContain(flags[0]?.replace(/^-+/, ""));
  }
});

it("is printed for the shell that is named", async () => {
  const printed = await runCli(["completion", "bash"]);
  expect({ status: printed.status, stdout: printed.stdout }).toEqual({ status: 0, stdout: bashScript(words) });
  const misspelt = await runCli(["completion", "bsh"]);
  expect(misspelt.status).toBe(2);
  expect(misspelt.stderr).toBe(
    'SHELL CLI_ARGUMENT_INVALID: found "bsh", expected one of bash, zsh, fish\n  hint: did you mean bash?\n',
  );
});

it("completes files after every --data", () => {
  const named = Object.entries(commands).flatMap(([command, { options }]) =>
    Object.entries(options).flatMap(([name, row]) => (name === "data" ? [[command, row.kind]] : [])),
  );
  expect(named.filter(([, kind]) => kind !== "file")).toEqual([]);
});
