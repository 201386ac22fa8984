import { internalError } from "../errors.js";
import type { ValueType } from "../graph/types.js";
import { readCall } from "./call.js";
import type { LayerDefinition } from "./definition.js";
import { freezeNode } from "./make-node.js";
import { type NamedOptionsOf, type OptionTable, type Resolved, resolveOptions } from "./options.js";
import { checkSizes } from "./scratch.js";
import { firstOf, tensorsFrom } from "./tensors.js";
import type { Tensor, Variable } from "./types.js";

export interface SourceSpec<Table extends OptionTable> {
  /** The source function's name. */
  readonly type: string;
  /** Beside `name` and `at`. */
  readonly options: Table;
  /** Type and whole shape of the tensor, the batch `"N"` in it. */
  output(options: Resolved<Table>): ValueType;
  /** For a source that is a variable, which is named as the source is. */
  variable?(options: Resolved<Table>): Omit<Variable, "name">;
}

/** The definition of a source, with the function that makes one. */
export interface SourceLayer<Table extends OptionTable = OptionTable> extends LayerDefinition {
  make(options: NamedOptionsOf<Table>): Tensor;
}

/** Makes a row of the layer table for what a batch feeds, or for a variable. */
export function defineSource<const Table extends OptionTable>(spec: SourceSpec<Table>): SourceLayer<Table> {
  const { type, options: table } = spec;
  const definition: LayerDefinition = {
    type,
    role: "source",
    inputs: [],
    numbers: [],
    samples: {},
    options: table,
    needsName: true,
    givesList: false,
    below: {},
    lower: (_lowering, { name }) => {
      throw internalError(`the source "${name}" was lowered`);
    },
  };
  return {
    ...definition,
    make: (given) => {
      const call = readCall(definition, [], given);
      // Its values were read by this very table.
      const options = resolveOptions(table, call.options) as Resolved<Table>;
      const output = spec.output(options);
      const variable = spec.variable?.(options);
      const variables = variable && { value: { name: given.name, ...variable } };
      checkSizes(call.problems, [output]);
      call.problems.throwIfAny();
      return firstOf(tensorsFrom(freezeNode(definition, call, { outputs: [output], variables: variables ?? {} })));
    },
  };
}
