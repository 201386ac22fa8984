import type { Dim } from "../graph/types.js";
import { choice, lengthsByName, type OptionsOf, required, withDefault } from "./options.js";
import { defineSource } from "./source.js";
import type { Tensor } from "./types.js";

type InputType = "float32" | "int32" | "int64";

const table = {
  shape: required(lengthsByName(0)),
  /** What its numbers are. Default "float32". */
  dtype: withDefault<InputType>(choice(["float32", "int32", "int64"]), "float32"),
};

export type InputOptions = Omit<OptionsOf<typeof table>, "name" | "shape">;

/** x, fed with each batch. */
export const inputLayer = defineSource({
  type: "input",
  options: table,
  output: ({ dtype, shape }) => ({ dtype, shape: ["N", ...shape] }),
});

/**
 * An input of the network.
 *
 * @param name unique in its network
 * @param shape one sample, without the batch: `[channels, height, width]` for an image, `[features]` for a vector, `["T"]`
 *   for a sequence whose length differs from batch to batch
 * @example const data = input("data", [1, 28, 28]);
 * @example const tokens = input("tokens", ["T"], { dtype: "int64" });
 */
export function input(name: string, shape: readonly Dim[], options: InputOptions = {}): Tensor {
  return inputLayer.make({ ...options, name, shape });
}
