import { ModelFileError, type Problem } from "../../runtime/errors.js";
import type { LayerNode } from "../../runtime/layers/types.js";
import type { ImportedModel } from "../imported.js";

/** The files of a product by their path in it, `/` between directories: text, or bytes in pieces. */
export type GeneratedFiles = Readonly<Record<string, string | readonly Uint8Array[]>>;

/** Where a product is written and what it was made with, for what is said after it. */
export interface Written {
  readonly directory: string;
  /** Whether the product names the data that it trains on. */
  readonly hasData: boolean;
}

/** One row of the target table in `generators/targets/index.ts`: what a model is converted to. */
export interface Target<Options> {
  /** Its line in `--help`. */
  readonly describe: string;
  /** Whether it can print a layer. All layers that it cannot print are refused at once, with their places. */
  prints(layer: LayerNode): boolean;
  /** The options of `convert` that it has a use for; others are refused. */
  readonly takes: readonly (keyof Options)[];
  /** The product; the same model and options give the same bytes. */
  emit(model: ImportedModel, options: Options): GeneratedFiles | Promise<GeneratedFiles>;
  /** What to do with the product, a line each. */
  next(written: Written): readonly string[];
}

/** @throws ModelFileError with every layer that the target has no printer for */
export function requirePrinters(
  { network }: ImportedModel,
  name: string,
  { prints }: Pick<Target<never>, "prints">,
): void {
  const problems = network.layers
    .filter((layer) => !prints(layer))
    .map(({ name: layer, type, at }): Problem => {
      const message = `layer "${layer}" is of type ${type}, which the target ${name} has no printer for`;
      return { code: "TARGET_LAYER_UNSUPPORTED", message, ...(at === undefined ? {} : { at }) };
    });
  if (problems.length > 0) throw new ModelFileError(problems);
}
