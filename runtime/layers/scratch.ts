import { type ErrorCode, internalError } from "../errors.js";
import { graphBuilder } from "../graph/builder.js";
import { lowest, product } from "../graph/lengths.js";
import type { DataType, GraphBuilder, Value, ValueType } from "../graph/types.js";
import type { LayerDefinition, LoweredLayer } from "./definition.js";
import type { Initializer } from "./initializers.js";
import { maximumSize } from "./options.js";
import type { Problems } from "./problems.js";
import { describeTensor, formatSample, isTensor, nameOf, variableOf } from "./tensors.js";
import type { LayerNode, Lowering, Mean, Shape, State, Tensor, Variable, VariableSpec } from "./types.js";

interface Declared {
  readonly value: Value;
  readonly initializer: Initializer;
  readonly multipliers: Pick<Variable, "lr" | "decay">;
  readonly role: Variable["role"];
}

/**
 * The lowering of one layer on a graph of its own, when it is made: the tensors that it takes are graph inputs. It finds
 * out what the layer puts out, which variables it has and what is wrong with it.
 */
export class ScratchLowering implements Lowering {
  readonly g: GraphBuilder;
  readonly training = true;
  readonly #node: LayerNode;
  readonly #problems: Problems;
  readonly #tensors = new Map<LayerNode, Map<number, Value>>();
  readonly #declared = new Map<string, Declared>();
  readonly #inputs = new Set<string>();

  constructor(node: LayerNode, problems: Problems) {
    this.g = graphBuilder(node.name);
    this.#node = node;
    this.#problems = problems;
  }

  /** Lowers the layer; gives the types of its outputs. */
  run(definition: LayerDefinition): readonly ValueType[] {
    const lowered = definition.lower(this, this.#node, (tensor) => this.valueFor(tensor));
    checkMean(definition, lowered);
    return lowered.outputs.map(({ dtype, shape }) => ({ dtype, shape }));
  }

  /** The variables that were declared, by short name. */
  get variables(): Readonly<Record<string, Variable>> {
    return Object.fromEntries(
      [...this.#declared].map(([short, { value, initializer, multipliers, role }]) => [
        short,
        { name: `${this.#node.name}.${short}`, shape: value.shape.map(Number), role, initializer, ...multipliers },
      ]),
    );
  }

  variable(short: string, { shape, start, lr = 1, decay = 1 }: VariableSpec): Value {
    if (isTensor(start)) return this.#given(short, shape, start);
    return this.#declare(short, shape, { initializer: start, multipliers: { lr, decay }, role: "trained" });
  }

  state(short: string, { shape, start }: Omit<VariableSpec, "lr" | "decay">): State {
    const multipliers = { lr: 1, decay: 1 };
    const value = isTensor(start)
      ? this.#given(short, shape, start)
      : this.#declare(short, shape, { initializer: start, multipliers, role: "frozen" });
    return { value, set: (next) => this.#write(short, start, value, next) };
  }

  valueFor(tensor: Tensor): Value {
    const known = this.#tensors.get(tensor.layer) ?? new Map<number, Value>();
    this.#tensors.set(tensor.layer, known);
    const value = known.get(tensor.index) ?? this.#input(nameOf(tensor), tensor.dtype, tensor.shape);
    known.set(tensor.index, value);
    return value;
  }

  mask(_rate: number, like: Value): Value {
    return this.#input("mask", "float32", like.shape);
  }

  check(ok: boolean, code: ErrorCode, message: string, hint?: string): void {
    this.#problems.check(ok, code, message, hint);
  }

  fail(code: ErrorCode, message: string, hint?: string): never {
    return this.#problems.fail(code, message, hint);
  }

  /** A graph input, called as readers call the tensor as far as names are free. */
  #input(name: string, dtype: DataType, shape: Shape): Value {
    let free = name;
    for (let count = 2; this.#inputs.has(free); count += 1) free = `${name}_${count}`;
    this.#inputs.add(free);
    return this.g.input(free, dtype, shape);
  }

  #declare(short: string, shape: readonly number[], parts: Omit<Declared, "value">): Value {
    const known = this.#declared.get(short);
    if (known !== undefined) return known.value;
    const value = this.#input(`${this.#node.name}.${short}`, "float32", shape);
    this.#declared.set(short, { value, ...parts });
    return value;
  }

  /** A tensor that stands in the place of a variable. */
  #given(short: string, shape: readonly number[], tensor: Tensor): Value {
    const fits = tensor.dtype === "float32" && formatSample(tensor.shape) === formatSample(shape);
    const message = `its ${short} is ${describeTensor(tensor)}, expected float32 ${formatSample(shape)}`;
    return fits ? this.valueFor(tensor) : this.fail("LAYER_SHAPE_MISMATCH", message);
  }

  #write(short: string, start: Initializer | Tensor, value: Value, next: Value): void {
    const same = next.dtype === value.dtype && formatSample(next.shape) === formatSample(value.shape);
    if (!same) {
      throw internalError(
        `the next ${short} is ${next.dtype} ${formatSample(next.shape)}, not ${formatSample(value.shape)}`,
      );
    }
    const declared = this.#declared.get(short);
    if (declared !== undefined) this.#declared.set(short, { ...declared, role: "state" });
    if (!isTensor(start)) return;
    const writable = variableOf(start)?.role === "state";
    const message = `its ${short} is ${describeTensor(start)}, which cannot be written, expected a variable of role "state"`;
    this.check(writable, "LAYER_OPTION_INVALID", message);
  }
}

const isScalarType = ({ dtype, shape }: ValueType): boolean => dtype === "float32" && shape.length === 0;

const isRowWeights = (weight: Mean["weight"]): boolean =>
  typeof weight === "number" || (weight.dtype === "float32" && weight.shape.join() === "N");

/** A loss or metric has to be a sum `[]` and a weight, a number or `[N]`. */
function checkMean({ type }: LayerDefinition, { mean }: LoweredLayer): void {
  if (mean === undefined || (isScalarType(mean.sum) && isRowWeights(mean.weight))) return;
  throw internalError(`${type} gives a sum ${formatSample(mean.sum.shape)} or a weight of the wrong shape`);
}

/** Notes arrays that no runtime can index: outputs of one row, variables. */
export function checkSizes(problems: Problems, arrays: readonly { readonly shape: Shape }[]): void {
  for (const { shape } of arrays) {
    const size = lowest(product(shape));
    const message = `an array of its shape ${formatSample(shape)} has ${size} numbers, expected at most ${maximumSize}`;
    problems.check(size <= maximumSize, "LAYER_SIZE_TOO_LARGE", message);
  }
}
