import { UsageError } from "../runtime/errors.js";
import type { Network } from "../runtime/layers/types.js";
import { dumpStages } from "../runtime/program/index.js";
import { suggest } from "./options.js";

/** The text of one stage of a network's compilation, or of all of them under headings. */
export function dumpNetwork(network: Network, stage: string): string {
  const stages = dumpStages(network);
  if (stage === "all") {
    return Object.entries(stages)
      .map(([name, text]) => `== ${name} ==\n${text.trimEnd()}\n`)
      .join("\n");
  }
  const text = Object.hasOwn(stages, stage) ? stages[stage] : undefined;
  if (text !== undefined) return text;
  const names = Object.keys(stages);
  const suggestion = suggest(stage, names);
  throw new UsageError({
    code: "CLI_OPTION_INVALID",
    at: { path: "--dump" },
    message: `found ${JSON.stringify(stage)}, expected all or one of ${names.join(", ")}`,
    ...(suggestion === undefined ? {} : { hint: `did you mean ${JSON.stringify(suggestion)}?` }),
  });
}
