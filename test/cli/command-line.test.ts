import { describe, expect, it } from "vitest";
import { defineCommand } from "../../cli/command.js";
import { decodeOptions } from "../../cli/options.js";
import { parseCommandLine } from "../../cli/parser.js";
import { isBaseError } from "../../runtime/errors.js";

const greet = defineCommand({
  describe: "Greets a file.",
  target: { name: "FILE", describe: "whom to greet" },
  options: {
    times: { kind: "integer", min: 1, describe: "how often", default: "1" },
    rate: { kind: "number", above: 0, below: 1, describe: "how fast" },
    out: { kind: "text", placeholder: "DIR", alias: "o", describe: "where to" },
    k: { kind: "integer", min: 1, describe: "voices" },
    tone: { kind: "choice", choices: ["WARM", "COOL"], describe: "how" },
    shape: { kind: "shape", describe: "a shape" },
    loud: { kind: "flag", describe: "shout" },
    input: { kind: "by-input", of: "text", placeholder: "[NAME=]ARRAY", describe: "who is who" },
    size: { kind: "by-input", of: "shape", placeholder: "[NAME=]C,H,W", describe: "how big" },
  },
  examples: [["$0 greet Ada", "once"]],
  run: () => Promise.resolve(0),
});

function parse(...args: string[]) {
  return parseCommandLine(args, { commands: { greet }, version: "1.2.3" });
}

function decode(...args: string[]) {
  const request = parse(...args);
  if (request.kind !== "run") throw new Error(`expected a command, got the text ${request.text}`);
  return decodeOptions(greet.options, request.given);
}

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isBaseError(error)) return error.message;
    throw error;
  }
  throw new Error("expected an error");
}

describe("the command line", () => {
  it("decodes numbers, names, shapes and flags", () => {
    const { values, problems } = decode(
      ...["greet", "a.txt", "--times", "3", "--rate=2.5e-1", "-o", "d", "-k4", "--tone", "WARM", "--shape", "1,28,28"],
      "--no-loud",
    );
    expect(problems).toEqual([]);
    expect(values).toEqual({ times: 3, rate: 0.25, out: "d", k: 4, tone: "WARM", shape: [1, 28, 28], loud: false });
  });

  it("keeps a file name that looks like a number as it was typed", () => {
    expect(parse("greet", "0012")).toMatchObject({ kind: "run", command: "greet", target: "0012" });
    expect(decode("greet", "x", "--out", "007").values).toEqual({ out: "007" });
  });

  it("takes the last of an option given twice", () => {
    expect(decode("greet", "x", "--times", "3", "--times", "4").values).toEqual({ times: 4 });
    expect(decode("greet", "x", "--loud", "--no-loud").values).toEqual({ loud: false });
    expect(decode("greet", "x", "-o", "a", "--out", "b").values).toEqual({ out: "b" });
    expect(decode("greet", "x", "--times", "3", "--times", "0").problems.map(({ message }) => message)).toEqual([
      'found "0", expected a whole number ≥ 1',
    ]);
  });

  it("collects values by input, however often they are given", () => {
    expect(decode("greet", "x", "--input", "image=x").values).toEqual({ input: { image: "x" } });
    expect(decode("greet", "x", "--input", "x").values).toEqual({ input: "x" });
    expect(decode("greet", "x", "--size", "1,28,28").values).toEqual({ size: [1, 28, 28] });
    const sizes = ["--size", "image=3,8,8", "--size", "words=5"];
    expect(decode("greet", "x", ...sizes).values).toEqual({ size: { image: [3, 8, 8], words: [5] } });
    const args = ["--input", "image=x", "--input=tokens=a=b", "--input", "toString=y"];
    expect(decode("greet", "x", ...args).values).toEqual({ input: { image: "x", tokens: "a=b", toString: "y" } });
  });

  it.each([
    [["--input", "=x"], 'found "=x"'],
    [["--input", "image="], 'found "image="'],
    [["--input"], "found no value"],
    [["--input", "a=x", "--input", "a=y"], 'found "a=x" and "a=y"'],
    [["--input", "a=x", "--input", "b"], 'found "a=x" and "b"'],
    [["--input", "a", "--input", "b"], 'found "a" and "b"'],
  ])("refuses %j, which name no values", (args, found) => {
    expect(decode("greet", "x", ...args).problems).toEqual([
      {
        code: "CLI_OPTION_INVALID",
        at: { path: "--input" },
        message: `${found}, expected [NAME=]ARRAY, each name once`,
      },
    ]);
  });

  it("reports every wrong value at once, with what was expected", () => {
    const args = ["--times", "0", "--rate", "1", "-k", "two", "--tone", "warm", "--shape", "1,0", "--out"];
    expect(decode("greet", "x", ...args).problems.map(({ at, message, hint }) => [at?.path, message, hint])).toEqual([
      ["--times", 'found "0", expected a whole number ≥ 1', undefined],
      ["--rate", 'found "1", expected a number > 0 and < 1', undefined],
      ["--out", "found no value, expected a value after --out", undefined],
      ["-k", 'found "two", expected a whole number ≥ 1', undefined],
      ["--tone", 'found "warm", expected one of WARM, COOL', "did you mean WARM?"],
      ["--shape", 'found "1,0", expected axis lengths ≥ 1 with commas, such as 1,28,28', undefined],
    ]);
  });

  it.each(["NaN", "Infinity", "0x10", "1e400", "9007199254740993", "3.5", "1,000", "- 1"])(
    "takes %s for no whole number",
    (text) => {
      expect(decode("greet", "x", `--times=${text}`).problems).toHaveLength(1);
    },
  );

  it("suggests the nearest command and option", () => {
    expect(messageOf(() => parse("gret", "x"))).toBe(
      "gret CLI_COMMAND_UNKNOWN: there is no such command\n  hint: did you mean greet?",
    );
    expect(messageOf(() => parse("greet", "x", "--tiems", "3"))).toBe(
      "--tiems CLI_OPTION_UNKNOWN: greet has no such option\n  hint: did you mean --times?",
    );
  });

  it("reports all unknown options at once", () => {
    const message = messageOf(() => parse("greet", "x", "--lod", "--no-ratte", "--quite-another=3", "-z"));
    expect(message.match(/^\S+ CLI_OPTION_UNKNOWN/gm)).toEqual([
      "--lod CLI_OPTION_UNKNOWN",
      "--ratte CLI_OPTION_UNKNOWN",
      "--quite-another CLI_OPTION_UNKNOWN",
      "-z CLI_OPTION_UNKNOWN",
    ]);
  });

  it("says when the file is missing or there are too many", () => {
    expect(messageOf(() => parse("greet"))).toContain("greet takes one FILE, found none");
    expect(messageOf(() => parse("greet", ""))).toContain("greet takes one FILE, found none");
    expect(messageOf(() => parse("greet", "a", "b"))).toContain("b CLI_ARGUMENT_INVALID: greet takes one FILE");
  });

  it("wants a command", () => {
    expect(messageOf(() => parse())).toContain("CLI_COMMAND_UNKNOWN: found no command");
    expect(messageOf(() => parse("--verbose"))).toContain("--verbose CLI_OPTION_UNKNOWN: there is no such option");
  });

  it("prints help with defaults, choices and examples, and the version", () => {
    expect(parse("--version")).toEqual({ kind: "print", text: "1.2.3" });
    const help = parse("greet", "--help");
    if (help.kind !== "print") throw new Error("expected a text");
    for (const part of [
      "Greets a file.",
      "how often [default: 1]",
      "how (WARM, COOL)",
      "-o, --out DIR",
      "paramserv greet Ada",
    ]) {
      expect(help.text).toContain(part);
    }
  });
});
