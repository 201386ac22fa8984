import type { Command } from "../command.js";
import { completion } from "./completion.js";
import { convert } from "./convert.js";
import { evaluate } from "./evaluate.js";
import { inspect } from "./inspect.js";
import { predict } from "./predict.js";
import { regress } from "./regress.js";
import { report } from "./report.js";
import { shapes } from "./shapes.js";
import { train } from "./train.js";

/** The commands by name. A new one is a file in this folder and a row here. */
export const commands: Readonly<Record<string, Command>> = {
  inspect,
  convert,
  train,
  evaluate,
  predict,
  report,
  shapes,
  regress,
  completion: completion(() => commands),
};
