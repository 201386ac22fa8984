import { internalError } from "../errors.js";
import { product, quotient } from "../graph/lengths.js";
import type { GraphBuilder, Value } from "../graph/types.js";
import { Problems } from "../layers/problems.js";
import { titleOf, variableOf } from "../layers/tensors.js";
import type { LayerNode, Lowering, State, Tensor, Variable } from "../layers/types.js";
import type { Feed } from "./types.js";

export type MaskFeed = Extract<Feed, { kind: "mask" }>;

/** What the lowering of a layer finds and leaves in that of its network. */
export interface Surroundings {
  readonly g: GraphBuilder;
  readonly training: boolean;
  /** The next value of states, by variable name. */
  readonly next: Map<string, Value>;
  readonly masks: MaskFeed[];
  valueFor(tensor: Tensor): Value;
  variable(name: string): Value;
  feed(name: string, shape: Value["shape"]): { readonly name: string; readonly value: Value };
}

/** The lowering of one layer of a network. */
export class LayerLowering implements Lowering {
  readonly g: GraphBuilder;
  readonly training: boolean;
  readonly problems: Problems;
  readonly #network: Surroundings;
  readonly #node: LayerNode;

  constructor(network: Surroundings, node: LayerNode) {
    this.g = network.g;
    this.training = network.training;
    this.#network = network;
    this.#node = node;
    this.problems = new Problems(titleOf(node), node.at);
  }

  valueFor(tensor: Tensor): Value {
    return this.#network.valueFor(tensor);
  }

  variable(short: string, { start }: Parameters<Lowering["variable"]>[1]): Value {
    if (start.kind === "tensor") return this.valueFor(start);
    return this.#network.variable(this.#own(short).name);
  }

  state(short: string, { start }: Parameters<Lowering["state"]>[1]): State {
    const shared = start.kind === "tensor" ? variableOf(start) : this.#own(short);
    // A computed tensor in the place of a state: making the layer refused to write it.
    if (shared === undefined) return { value: this.variable(short, { shape: [], start }), set: () => {} };
    const { next } = this.#network;
    const now = this.#network.variable(shared.name);
    return {
      get value() {
        return next.get(shared.name) ?? now;
      },
      set: (value) => {
        if (this.training) next.set(shared.name, value);
      },
    };
  }

  mask(rate: number, like: Value): Value {
    const [rows, ...sample] = like.shape;
    // Where rows were merged with another axis, a row's mask is as long as a row's share.
    const share = rows === "N" ? undefined : quotient(product(like.shape), "N");
    if (rows !== "N" && share === undefined) {
      this.fail("LAYER_SHAPE_MISMATCH", `its input has shape [${like.shape.join(", ")}], expected the batch in it`);
    }
    const shape = share === undefined ? sample : [share];
    const { name, value } = this.#network.feed(`mask:${this.#node.name}`, ["N", ...shape]);
    this.#network.masks.push({ kind: "mask", name, dtype: "float32", shape, rate });
    return share === undefined ? value : this.g.op("Reshape", [value, this.g.op("Shape", [like])]);
  }

  check(ok: boolean, ...[code, message, hint]: Parameters<Problems["fail"]>): void {
    this.problems.check(ok, code, message, hint);
  }

  fail(...[code, message, hint]: Parameters<Problems["fail"]>): never {
    return this.problems.fail(code, message, hint);
  }

  #own(short: string): Variable {
    const { variables, name } = this.#node;
    const variable = Object.hasOwn(variables, short) ? variables[short] : undefined;
    return variable ?? missing(`variable "${short}" of layer "${name}"`);
  }
}

export function missing(what: string): never {
  throw internalError(`the ${what} is used before it is made`);
}
