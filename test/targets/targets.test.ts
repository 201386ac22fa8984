import { describe, expect, test } from "vitest";
import { engines } from "../../runtime/engines/index.js";
import { isBaseError } from "../../runtime/errors.js";
import { simplify } from "../../runtime/graph/passes/index.js";
import type { Graph } from "../../runtime/graph/types.js";
import { dense, input, meanSquaredError, model, target } from "../../runtime/layers/index.js";
import { compile, programOf } from "../../runtime/program/compile.js";
import { stepGraph } from "../../runtime/program/stages.js";
import { targetNamed, targets } from "../../runtime/targets/index.js";
import type { Target } from "../../runtime/targets/target.js";

const data = input("data", [3]);
const wanted = target("wanted", [2]);
const loss = meanSquaredError(dense(data, { name: "out", units: 2 }), wanted);
const network = model({ name: "n", inputs: [data], labels: [wanted], loss });

describe("targets", () => {
  test("are found by name, and by the engines that load what they write", () => {
    for (const [name, row] of Object.entries(targets)) expect([row.name, targetNamed(name)]).toEqual([name, row]);
    for (const { target: name } of Object.values(engines)) expect(targetNamed(name).name).toBe(name);
  });

  test("an unknown one is refused with the known", () => {
    for (const name of ["tfjs", "constructor"]) {
      let problem: unknown;
      try {
        compile(network, { target: name });
      } catch (error) {
        problem = isBaseError(error) ? error.problems : error;
      }
      expect(problem).toEqual([
        { code: "TARGET_UNKNOWN", message: `found target "${name}", expected one of "onnxruntime"` },
      ]);
    }
  });

  test("have the last word: each graph is lowered once, simplified before, and serialized as it then is", () => {
    const lowered: Graph[] = [];
    const own: Target = {
      name: "own",
      lower: (graph) => {
        expect(simplify(graph)).toBe(graph);
        lowered.push(graph);
        return Object.freeze({ ...graph, name: `${graph.name}, lowered` });
      },
      serialize: ({ name }) => new TextEncoder().encode(name),
    };
    const program = programOf(network, stepGraph(network), own);
    expect(program.target).toBe("own");
    expect(lowered.map(({ name }) => name)).toEqual(["n step", "n evaluate"]);
    const texts = [program.step, program.evaluate].map(({ bytes }) => new TextDecoder().decode(bytes));
    expect(texts).toEqual(["n step, lowered", "n evaluate, lowered"]);
  });
});
