import { rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isScalar, isTensor, tensorsOf } from "../../runtime/layers/tensors.js";
import type { LayerNode, Scalar, Tensor } from "../../runtime/layers/types.js";
import type { Compiler, ModelSource } from "./source.js";

/** What the call of a layer or function gave when the module ran. */
export interface Recorded {
  /** The tensors, or the loss or metric, that it gave. */
  readonly ends: readonly (Tensor | Scalar)[];
  /** The layers that it made, each after those that it takes. */
  readonly made: readonly LayerNode[];
  /** The tensors that the function of the file took, where it was one. */
  readonly taken: readonly Tensor[];
}

/** The text with all insertions, each given with its place. */
function inserted(text: string, insertions: readonly (readonly [at: number, text: string])[]): string {
  let result = "";
  let done = 0;
  for (const [at, what] of [...insertions].sort(([a], [b]) => a - b)) {
    result += text.slice(done, at) + what;
    done = at;
  }
  return result + text.slice(done);
}

/** The module, so changed that it keeps what its calls give. Positions on lines stay, so that errors name the right one. */
function instrumented(text: string, { layers, functions }: ModelSource): string {
  const insertions = [
    ...layers.flatMap(({ start, end }, index) => {
      return [[start, `paramservRecord("layer", ${index}, `] as const, [end, ")"] as const];
    }),
    ...functions.map(({ body, name }) => {
      return [body, ` paramservRecord("function", ${JSON.stringify(name)}, [...arguments]);`] as const;
    }),
  ];
  const recorder =
    "\nexport function paramservRecord(kind, key, value) {" +
    " (paramservRecord.events ??= []).push({ kind, key, value }); return value; }\n";
  return inserted(text, insertions) + recorder;
}

interface Event {
  readonly kind: string;
  readonly key: unknown;
  readonly value: unknown;
}

const isEnd = (value: unknown): value is Tensor | Scalar => isTensor(value) || isScalar(value);

/** Layers that ends need and that were not seen before, each after those that it takes. */
function newLayers(ends: readonly (Tensor | Scalar)[], seen: Set<LayerNode>): readonly LayerNode[] {
  const made: LayerNode[] = [];
  const path = ends.map(({ layer }) => ({ layer, ready: false })).reverse();
  for (let top = path.pop(); top !== undefined; top = path.pop()) {
    const { layer, ready } = top;
    if (ready) made.push(layer);
    else if (!seen.has(layer)) {
      seen.add(layer);
      const needed = tensorsOf(layer).map((tensor) => ({ layer: tensor.layer, ready: false }));
      path.push({ layer, ready: true }, ...needed.reverse());
    }
  }
  return made;
}

function read(events: readonly Event[]): ReadonlyMap<number, Recorded> {
  const seen = new Set<LayerNode>();
  const records = new Map<number, Recorded>();
  let taken: readonly Tensor[] = [];
  for (const { kind, key, value } of events) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (kind === "function") taken = values.filter(isTensor);
    else if (typeof key === "number" && values.length > 0 && values.every(isEnd)) {
      records.set(key, { ends: values, made: newLayers(values, seen), taken });
    }
  }
  return records;
}

/**
 * Runs a model file of a compiled package, beside its compiled modules, and says what each of its calls gave, by index.
 *
 * @throws whatever the module throws
 */
export async function recordModel(
  directory: string,
  text: string,
  source: ModelSource,
  compiler: Compiler,
): Promise<ReadonlyMap<number, Recorded>> {
  const { outputText } = compiler.transpileModule(instrumented(text, source), {
    compilerOptions: {
      target: compiler.ScriptTarget.ES2023,
      module: compiler.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  });
  const file = resolve(join(directory, "dist", `model.shapes-${process.pid}.js`));
  writeFileSync(file, outputText);
  try {
    const module: { readonly paramservRecord?: { readonly events?: readonly Event[] } } = await import(
      pathToFileURL(file).href
    );
    return read(module.paramservRecord?.events ?? []);
  } finally {
    rmSync(file, { force: true });
  }
}
