import type { CompletedCommand, CompletedOption } from "./words.js";

/** Text inside single quotes and inside the brackets of an argument's description. */
function plain(text: string): string {
  return text.replaceAll("'", "’").replaceAll(/[[\]:\\]/g, (sign) => `\\${sign}`);
}

function action(value: CompletedOption["value"]): string {
  if (value === "none") return "";
  if (value === "any") return ":value: ";
  if (value === "file") return ":file:_files";
  if (value === "directory") return ":directory:_files -/";
  return `:value:(${value.join(" ")})`;
}

function argument({ flags, describe, value }: CompletedOption): readonly string[] {
  return flags.map((flag) => `        '${flag}[${plain(describe)}]${action(value)}'`);
}

function commandCase({ name, options, words }: CompletedCommand): string {
  const rest = words.length === 0 ? "_files" : `(${words.join(" ")})`;
  const lines = [...options.flatMap(argument), `        '1:argument:${rest}'`];
  return `    ${name})\n      _arguments \\\n${lines.join(" \\\n")} ;;`;
}

/** A zsh script that completes commands, options, their values and files. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name, describe }) => `      '${name}:${plain(describe)}'`).join("\n");
  return `#compdef paramserv
# zsh completion of paramserv: a file _paramserv in a directory of $fpath, or sourced after compinit.
_paramserv() {
  if ((CURRENT == 2)); then
    local -a commands=(
${names}
    )
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${commands.map(commandCase).join("\n")}
  esac
}
compdef _paramserv paramserv
`;
}
