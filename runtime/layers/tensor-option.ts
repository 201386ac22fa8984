import { type FreeKind, optional } from "./options.js";
import { isTensor } from "./tensors.js";
import type { Tensor } from "./types.js";

/** An option that is a tensor, and may be left out; {@link Lowering.valueFor} gives its value. */
export function tensorOption(expected = "a tensor"): FreeKind<Tensor | undefined> {
  return optional<Tensor>({
    expected,
    parse: (value) => (isTensor(value) ? value : undefined),
    print: (value) => value,
  });
}
