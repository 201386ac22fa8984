import { CompileError } from "../errors.js";
import { onnxruntime } from "./onnxruntime.js";
import type { Target } from "./target.js";

/** Every target by its name. */
export const targets: Readonly<Record<string, Target>> = { onnxruntime };

export const defaultTarget = "onnxruntime";

/** The target of that name; throws TARGET_UNKNOWN with the known names. */
export function targetNamed(name: string): Target {
  const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
  if (target !== undefined) return target;
  const known = Object.keys(targets)
    .map((each) => JSON.stringify(each))
    .join(", ");
  throw new CompileError({
    code: "TARGET_UNKNOWN",
    message: `found target ${JSON.stringify(name)}, expected one of ${known}`,
  });
}
