import { UsageError } from "../../runtime/errors.js";
import { type Command, defineCommand } from "../command.js";
import { bashScript } from "../completion/bash.js";
import { fishScript } from "../completion/fish.js";
import { completedCommands } from "../completion/words.js";
import { zshScript } from "../completion/zsh.js";
import { exitCodes } from "../exit.js";
import { suggest } from "../options.js";
import { writeProduct } from "../ui.js";

/** The shells that can be completed in. */
const shells = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

const isShell = (name: string): name is keyof typeof shells => Object.hasOwn(shells, name);

/** Prints a completion script; it knows the words by itself, so that no Node starts at each Tab. */
export const completion = (commands: () => Readonly<Record<string, Command>>): Command =>
  defineCommand({
    describe: "Prints a script with which a shell completes commands, options and their values.",
    target: { name: "SHELL", describe: Object.keys(shells).join(", "), choices: Object.keys(shells) },
    options: {},
    examples: [
      ["source <($0 completion bash)", "now, in bash"],
      ["$0 completion fish > ~/.config/fish/completions/paramserv.fish", "for good, in fish"],
    ],
    async run({ target }) {
      if (!isShell(target)) {
        const near = suggest(target, Object.keys(shells));
        const message = `found ${JSON.stringify(target)}, expected one of ${Object.keys(shells).join(", ")}`;
        const hint = near === undefined ? {} : { hint: `did you mean ${near}?` };
        throw new UsageError({ code: "CLI_ARGUMENT_INVALID", at: { path: "SHELL" }, message, ...hint });
      }
      writeProduct(shells[target](completedCommands(commands())));
      return exitCodes.done;
    },
  });
