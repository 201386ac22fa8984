import type { Call } from "./call.js";
import type { LayerDefinition } from "./definition.js";
import { deepFreeze } from "./plain.js";
import { checkSizes, ScratchLowering } from "./scratch.js";
import type { LayerNode } from "./types.js";

type Outcome = Pick<LayerNode, "outputs" | "variables">;

/** A layer as frozen data; `outcome` says what it puts out and which variables it has. */
export function freezeNode(
  { type, role }: Pick<LayerDefinition, "type" | "role">,
  { name, at, inputs, options, tensors }: Call,
  { outputs, variables }: Outcome,
): LayerNode {
  // Tensors are frozen, or another copy of the package made them: freezing stops short of them.
  return Object.freeze({
    kind: "layer",
    type,
    role,
    name: name ?? type,
    named: name !== undefined,
    inputs: Object.freeze(inputs.map((input) => (Array.isArray(input) ? Object.freeze([...input]) : input))),
    tensors: Object.freeze({ ...tensors }),
    options: deepFreeze({ ...options }),
    variables: deepFreeze({ ...variables }),
    outputs: deepFreeze([...outputs]),
    ...(at !== undefined && { at: deepFreeze({ ...at }) }),
  });
}

/** Makes a layer from a checked call: its lowering on a scratch graph gives its outputs and variables. */
export function makeNode(definition: LayerDefinition, call: Call): LayerNode {
  const draft = freezeNode(definition, call, { outputs: [], variables: {} });
  const scratch = new ScratchLowering(draft, call.problems);
  const outputs = call.problems.during(() => scratch.run(definition));
  const { variables } = scratch;
  checkSizes(call.problems, [...outputs, ...Object.values(variables)]);
  call.problems.throwIfAny();
  return freezeNode(definition, call, { outputs, variables });
}
