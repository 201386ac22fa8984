import { describe, expect, test } from "vitest";
import { defineCommand } from "../../cli/command.js";
import { parseCommandLine } from "../../cli/parser.js";

const regret = defineCommand({
  describe: "Regrets.",
  options: { times: { kind: "integer", min: 1, describe: "how often" } },
  examples: [["$0 regret --times 2", "twice"]],
  run: () => Promise.resolve(0),
});
const parse = (...args: readonly string[]) => parseCommandLine(args, { commands: { regret }, version: "1.2.3" });

describe("a command that is about no file", () => {
  test("runs with its options", () => {
    const request = parse("regret", "--times", "2");
    expect(request).toMatchObject({ kind: "run", command: "regret", target: "", given: { times: "2" } });
  });

  test("shows no file in its help", () => {
    const request = parse("regret", "--help");
    expect(request.kind === "print" && request.text).toMatch(/^paramserv regret \[options\]\n/);
  });

  test("refuses a file", () => {
    expect(() => parse("regret", "net.prototxt")).toThrow(
      "net.prototxt CLI_ARGUMENT_INVALID: regret takes options only, found another argument",
    );
  });
});
