import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { graphBuilder } from "../../runtime/graph/builder.js";
import type { Attributes } from "../../runtime/graph/types.js";
import { call } from "./cases/case.js";
import { type Choice, pairwise } from "./pairwise.js";
import { difference, type GradientCase, sizeOf } from "./support.js";

/** Float32 kernels, step 1e-2: rounding leaves about 1e-5 of the sum of the terms' magnitudes. */
const tolerance = 2e-4;

/** One value an axis: all axes differ, so that none can take another's place. */
type PerAxis = readonly [number, number, number];

const moves = {
  rank: [1, 2, 3],
  rows: [1, 3],
  stride: [
    [1, 1, 1],
    [2, 1, 2],
    [1, 2, 1],
    [2, 3, 2],
    [4, 4, 3],
  ],
  dilation: [
    [1, 1, 1],
    [2, 1, 2],
    [1, 2, 1],
  ],
  /** Cells of the data that the last window leaves out. */
  rest: [
    [0, 0, 0],
    [1, 0, 1],
    [1, 2, 0],
  ],
} as const;

const padding = [
  { before: [0, 0, 0], after: [0, 0, 0] },
  { before: [1, 1, 1], after: [1, 1, 1] },
  { before: [2, 0, 1], after: [0, 3, 0] },
  { before: [0, 2, 0], after: [1, 0, 2] },
  { auto_pad: "VALID" },
  { auto_pad: "SAME_UPPER" },
  { auto_pad: "SAME_LOWER" },
] as const;

const convFactors = {
  ...moves,
  channels: [1, 2, 16, 17],
  group: ["one", "two", "depthwise", "multiplier 2"],
  kernel: [
    [1, 1, 1],
    [2, 3, 2],
    [3, 2, 1],
    [5, 4, 2],
    [19, 1, 2],
    [50, 7, 1],
  ],
  padding,
} as const;

const poolFactors = {
  ...moves,
  channels: [1, 2, 16, 17],
  kernel: [
    [1, 2, 1],
    [2, 2, 2],
    [2, 3, 2],
    [3, 1, 3],
  ],
  padding: [
    { before: [0, 0, 0], after: [0, 0, 0] },
    { before: [1, 1, 1], after: [1, 1, 1] },
    { before: [1, 0, 1], after: [0, 2, 0] },
    { before: [0, 1, 0], after: [1, 0, 2] },
    { auto_pad: "SAME_UPPER" },
    { auto_pad: "SAME_LOWER" },
  ],
  ceil: [0, 1],
} as const;

type Padding = (typeof padding)[number] | (typeof poolFactors)["padding"][number];

interface Windowed {
  readonly rank: number;
  readonly kernel: PerAxis;
  readonly stride: PerAxis;
  readonly dilation: PerAxis;
  readonly rest: PerAxis;
  readonly padding: Padding;
}

function attributesOf({ rank, stride, dilation, padding: pads }: Windowed): Attributes {
  const cut = (values: PerAxis) => values.slice(0, rank);
  const around = "before" in pads ? { pads: [...cut(pads.before), ...cut(pads.after)] } : pads;
  return { strides: cut(stride), dilations: cut(dilation), ...around };
}

/** Lengths of data in which two windows find room, or one where they are large. */
function lengthsOf({ rank, kernel, stride, dilation, rest, padding: pads }: Windowed): readonly number[] {
  return kernel.slice(0, rank).map((length, axis) => {
    const at = (values: PerAxis) => values[axis] ?? 0;
    const around = "before" in pads ? at(pads.before) + at(pads.after) : 0;
    const extent = (length - 1) * at(dilation) + 1;
    return Math.max(1, extent + 2 * at(stride) + Math.min(at(rest), at(stride) - 1) - around);
  });
}

function groupsOf({ group, channels }: Pick<Choice<typeof convFactors>, "group" | "channels">) {
  const groups = group === "one" ? 1 : group === "two" ? 2 : channels;
  return { groups, filters: group === "depthwise" ? channels : group === "multiplier 2" ? 2 * channels : 3 * groups };
}

function convCase(choice: Choice<typeof convFactors>): GradientCase {
  const { rank, channels, kernel, rows } = choice;
  const { groups, filters } = groupsOf(choice);
  const attributes = { ...attributesOf(choice), group: groups };
  const inputs = {
    x: ["N", channels, ...lengthsOf(choice)],
    w: [filters, channels / groups, ...kernel.slice(0, rank)],
    b: [filters],
  };
  const name = JSON.stringify({ op: "Conv", ...choice });
  return { name, rows, inputs, build: (g, { x, w, b }) => call(g, "Conv", [x, w, b], attributes) };
}

const transposeFactors = { ...convFactors, extra: [0, 1, 2] } as const;

function transposeCase(choice: Choice<typeof transposeFactors>): GradientCase {
  const { rank, channels, kernel, rows, stride, extra } = choice;
  const { groups, filters } = groupsOf(choice);
  const extras = stride.slice(0, rank).map((cells) => Math.min(extra, cells - 1));
  const attributes = { ...attributesOf(choice), group: groups, output_padding: extras };
  const inputs = {
    x: ["N", channels, ...[4, 5, 4].slice(0, rank)],
    w: [channels, filters / groups, ...kernel.slice(0, rank)],
    b: [filters],
  };
  const name = JSON.stringify({ op: "ConvTranspose", ...choice });
  return { name, rows, inputs, build: (g, { x, w, b }) => call(g, "ConvTranspose", [x, w, b], attributes) };
}

function poolCase(op: string, choice: Choice<typeof poolFactors>, attributes: Attributes = {}): GradientCase {
  const { rank, channels, kernel, rows, ceil } = choice;
  const all = { ...attributesOf(choice), kernel_shape: kernel.slice(0, rank), ceil_mode: ceil, ...attributes };
  const name = JSON.stringify({ op, ...attributes, ...choice });
  const inputs = { x: ["N", channels, ...lengthsOf(choice)] };
  return {
    name,
    rows,
    inputs,
    build: (g, { x }) => call(g, op, [x], all),
    ...(op === "MaxPool" && { values: "apart", gap: 0.05 }),
  };
}

/** Groups that fit, and not too much to compute. */
function fits({ group, channels, kernel, rank }: Choice<typeof convFactors>): boolean {
  if (group === "two" && channels % 2 !== 0) return false;
  return sizeOf(kernel.slice(0, rank)) * channels < 1200;
}

/** Pads of a pool are smaller than its kernel. */
function padsFit({ padding: pads, kernel, rank }: Choice<typeof poolFactors>): boolean {
  if (!("before" in pads)) return true;
  return kernel.slice(0, rank).every((length, axis) => {
    return (pads.before[axis] ?? 0) < length && (pads.after[axis] ?? 0) < length;
  });
}

async function failuresOf(cases: readonly GradientCase[]): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const [index, one] of cases.entries()) {
    const found = await difference(one, index + 1).catch((error: unknown) => ({ error: String(error) }));
    if (!(Number(found.error) < tolerance)) failures.push(`${one.name}: ${found.error}`);
  }
  return failures;
}

describe("each pair of values of two attributes, ranks, channels, rows and groups", () => {
  test("occurs in few choices", () => {
    const choices = pairwise(poolFactors, padsFit);
    for (const rank of poolFactors.rank) {
      const some = choices.filter((choice) => choice.rank === rank);
      expect(new Set(some.map(({ channels }) => channels))).toEqual(new Set(poolFactors.channels));
      expect(new Set(some.map(({ kernel }) => kernel))).toEqual(new Set(poolFactors.kernel));
    }
    expect(choices.length).toBeLessThan(60);
  });

  test.each([1, 2, 3])("Conv agrees with central differences (seed %i)", async (seed) => {
    expect(await failuresOf(pairwise(convFactors, fits, seed).map(convCase))).toEqual([]);
  });

  test.each([1, 2])("ConvTranspose agrees with central differences (seed %i)", async (seed) => {
    expect(await failuresOf(pairwise(transposeFactors, fits, seed).map(transposeCase))).toEqual([]);
  });

  test.each([1, 2])("MaxPool agrees with central differences (seed %i)", async (seed) => {
    expect(await failuresOf(pairwise(poolFactors, padsFit, seed).map((choice) => poolCase("MaxPool", choice)))).toEqual(
      [],
    );
  });

  test.each([0, 1])("AveragePool agrees with central differences, pads counted: %i", async (count_include_pad) => {
    const cases = pairwise(poolFactors, padsFit, 3).map((choice) =>
      poolCase("AveragePool", choice, { count_include_pad }),
    );
    expect(await failuresOf(cases)).toEqual([]);
  });
});

const perAxis = (min: number, max: number) =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }), fc.integer({ min, max }));

interface Drawn {
  readonly rank: number;
  readonly kernel: PerAxis;
  readonly stride: PerAxis;
  readonly dilation: PerAxis;
  readonly before: PerAxis;
  readonly after: PerAxis;
  readonly lengths: PerAxis;
}

const windows: fc.Arbitrary<Drawn> = fc.record({
  rank: fc.integer({ min: 1, max: 3 }),
  kernel: perAxis(1, 4),
  stride: perAxis(1, 4),
  dilation: perAxis(1, 3),
  before: perAxis(0, 3),
  after: perAxis(0, 3),
  lengths: perAxis(1, 9),
});

/** The same with pads that pools take: smaller than the kernel. */
const poolWindows = windows.map(({ before, after, ...rest }): Drawn => {
  const [k, l, m] = rest.kernel;
  const below = ([a, b, c]: PerAxis): PerAxis => [Math.min(a, k - 1), Math.min(b, l - 1), Math.min(c, m - 1)];
  return { ...rest, before: below(before), after: below(after) };
});

function drawnAttributes({ rank, stride, dilation, before, after }: Drawn): Attributes {
  const cut = (values: PerAxis) => values.slice(0, rank);
  return { strides: cut(stride), dilations: cut(dilation), pads: [...cut(before), ...cut(after)] };
}

/** Whether a window fits the data with its pads. */
function hasRoom({ rank, kernel, dilation, before, after, lengths }: Drawn): boolean {
  return kernel.slice(0, rank).every((length, axis) => {
    const at = (values: PerAxis) => values[axis] ?? 0;
    return at(lengths) + at(before) + at(after) >= (length - 1) * at(dilation) + 1;
  });
}

const groupings = fc.record({
  groups: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 2 }),
  filters: fc.integer({ min: 1, max: 3 }),
});

describe("any attributes", () => {
  const runs = { numRuns: 80, seed: 20 };
  const agrees = async (one: GradientCase) => expect(await failuresOf([one])).toEqual([]);

  test("Conv agrees with central differences", async () => {
    await fc.assert(
      fc.asyncProperty(windows.filter(hasRoom), groupings, async (drawn, { groups, channels, filters }) => {
        const attributes = { ...drawnAttributes(drawn), group: groups };
        const x = ["N", groups * channels, ...drawn.lengths.slice(0, drawn.rank)];
        const w = [groups * filters, channels, ...drawn.kernel.slice(0, drawn.rank)];
        await agrees({ name: "Conv", inputs: { x, w }, build: (g, v) => call(g, "Conv", [v.x, v.w], attributes) });
      }),
      runs,
    );
  });

  test("ConvTranspose agrees with central differences, and gives the lengths that Conv takes back", async () => {
    await fc.assert(
      fc.asyncProperty(windows.filter(hasRoom), groupings, async (drawn, { groups, channels, filters }) => {
        const attributes = { ...drawnAttributes(drawn), group: groups };
        const lengths = drawn.lengths.slice(0, drawn.rank);
        const kernel = drawn.kernel.slice(0, drawn.rank);
        const w = [groups * channels, filters, ...kernel];
        const g = graphBuilder("lengths");
        const y = [g.input("y", "float32", ["N", groups * filters, ...lengths]), g.input("w", "float32", w)];
        const x = call(g, "Conv", y, attributes).shape;
        const extra = lengths.map((length, axis) => {
          const [stride, dilation] = [drawn.stride[axis] ?? 1, drawn.dilation[axis] ?? 1];
          const pads = (drawn.before[axis] ?? 0) + (drawn.after[axis] ?? 0);
          return length - ((Number(x[axis + 2]) - 1) * stride + ((kernel[axis] ?? 1) - 1) * dilation + 1 - pads);
        });
        await agrees({
          name: "ConvTranspose",
          inputs: { x, w },
          build: (b, v) => {
            const back = call(b, "ConvTranspose", [v.x, v.w], { ...attributes, output_padding: extra });
            expect(back.shape.slice(2)).toEqual(lengths);
            return back;
          },
        });
      }),
      runs,
    );
  });

  test.each(["MaxPool", "AveragePool"])("%s agrees with central differences", async (op) => {
    const flags = fc.record({ ceil_mode: fc.integer({ min: 0, max: 1 }), included: fc.integer({ min: 0, max: 1 }) });
    await fc.assert(
      fc.asyncProperty(poolWindows.filter(hasRoom), flags, async (drawn, { ceil_mode, included }) => {
        const attributes = {
          ...drawnAttributes(drawn),
          kernel_shape: drawn.kernel.slice(0, drawn.rank),
          ceil_mode,
          ...(op === "AveragePool" && { count_include_pad: included }),
        };
        await agrees({
          name: op,
          inputs: { x: ["N", 2, ...drawn.lengths.slice(0, drawn.rank)] },
          build: (g, { x }) => call(g, op, [x], attributes),
          ...(op === "MaxPool" && { values: "apart", gap: 0.05 }),
        });
      }),
      runs,
    );
  });
});
