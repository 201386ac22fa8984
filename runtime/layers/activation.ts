import { defineLayer, type Layer } from "./define-layer.js";
import type { OptionTable, Resolved } from "./options.js";
import type { Lowering, Shape } from "./types.js";

interface ActivationSpec<Table extends OptionTable> {
  readonly type: string;
  readonly options: Table;
  lower(lowering: Lowering, attributes: Resolved<Table>): ReturnType<Lowering["parameter"]>;
}

/** A layer that changes each number by itself: any shape in, the same out. */
export function defineActivation<const Table extends OptionTable>(spec: ActivationSpec<Table>): Layer {
  return defineLayer<Table, Resolved<Table>>({
    ...spec,
    inputs: [{ name: "x", dtype: "float32" }],
    infer: ({ inputs: [x], options }) => ({ shape: x?.shape ?? ([] as Shape), attributes: options }),
  });
}
