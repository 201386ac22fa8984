import type { CompletedCommand, CompletedOption } from "./words.js";

const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

function flag(text: string): string {
  return text.startsWith("--") ? `-l ${text.slice(2)}` : `-s ${text.slice(1)}`;
}

function value(of: CompletedOption["value"]): string {
  if (of === "none") return "";
  if (of === "any") return " -x";
  if (of === "file") return " -r -F";
  if (of === "directory") return " -x -a '(__fish_complete_directories)'";
  return ` -x -a ${quoted(of.join(" "))}`;
}

function commandLines({ name, options, words }: CompletedCommand): readonly string[] {
  const start = `complete -c paramserv -n '__fish_seen_subcommand_from ${name}'`;
  return [
    ...options.map(({ flags, describe, value: of }) => {
      return `${start} ${flags.map(flag).join(" ")}${value(of)} -d ${quoted(describe)}`;
    }),
    ...(words.length === 0 ? [] : [`${start} -f -a ${quoted(words.join(" "))}`]),
  ];
}

/** A fish script that completes commands, options, their values and files. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name, describe }) => {
    return `complete -c paramserv -n __fish_use_subcommand -f -a ${name} -d ${quoted(describe)}`;
  });
  const lines = [...names, ...commands.flatMap(commandLines)];
  return `# fish completion of paramserv: save as ~/.config/fish/completions/paramserv.fish\n${lines.join("\n")}\n`;
}
