import type { CompletedCommand, CompletedOption } from "./words.js";

/** How bash finds what may follow an option. */
function reply(value: CompletedOption["value"]): string {
  if (value === "file") return 'compopt -o filenames; COMPREPLY=($(compgen -f -- "$word"))';
  if (value === "directory") return 'compopt -o filenames; COMPREPLY=($(compgen -d -- "$word"))';
  if (typeof value === "string") return "COMPREPLY=()";
  return `COMPREPLY=($(compgen -W '${value.join(" ")}' -- "$word"))`;
}

function optionCase({ flags, value }: CompletedOption): readonly string[] {
  return value === "none" ? [] : [`        ${flags.join("|")}) ${reply(value)}; return ;;`];
}

function commandCase({ name, options, words }: CompletedCommand): string {
  const flags = options.flatMap((option) => option.flags).join(" ");
  const rest = words.length === 0 ? reply("file") : reply(words);
  return [
    `    ${name})`,
    '      case "$before" in',
    ...options.flatMap(optionCase),
    "      esac",
    `      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W '${flags}' -- "$word"))`,
    `      else ${rest}`,
    "      fi ;;",
  ].join("\n");
}

/** A bash script that completes commands, options, their values and files. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  return `# bash completion of paramserv: source this, or put it where bash-completion looks.
_paramserv() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(" ")} --help --version' -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${commands.map(commandCase).join("\n")}
  esac
}
complete -F _paramserv paramserv
`;
}
