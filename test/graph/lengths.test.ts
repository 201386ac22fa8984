import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  add,
  bindLengths,
  broadcast,
  ceilDiv,
  evaluate,
  floorDiv,
  formatShape,
  highest,
  isAtLeast,
  isStatic,
  length,
  lowest,
  max,
  min,
  mod,
  mul,
  neg,
  product,
  quotient,
  sameShape,
  sub,
  symbolsOf,
} from "../../runtime/graph/lengths.js";
import type { Dim } from "../../runtime/graph/types.js";

const seed = 1;

/** ⌊a / b⌋ of big integers; undefined where b is 0. */
function floorOf(a: bigint, b: bigint): bigint | undefined {
  if (b === 0n) return undefined;
  return a % b !== 0n && a < 0n !== b < 0n ? a / b - 1n : a / b;
}

type Binary = "add" | "sub" | "mul" | "floorDiv" | "ceilDiv" | "mod" | "min" | "max";

/** Each operation on lengths beside the same on big integers. */
const operations: Readonly<
  Record<Binary, { of: (a: Dim, b: Dim) => Dim; big: (a: bigint, b: bigint) => bigint | undefined }>
> = {
  add: { of: add, big: (a, b) => a + b },
  sub: { of: sub, big: (a, b) => a - b },
  mul: { of: mul, big: (a, b) => a * b },
  floorDiv: { of: floorDiv, big: floorOf },
  ceilDiv: {
    of: ceilDiv,
    big: (a, b) => {
      const turned = floorOf(-a, b);
      return turned === undefined ? undefined : -turned;
    },
  },
  mod: {
    of: mod,
    big: (a, b) => {
      const whole = floorOf(a, b);
      return whole === undefined ? undefined : a - b * whole;
    },
  },
  min: { of: min, big: (a, b) => (a < b ? a : b) },
  max: { of: max, big: (a, b) => (a > b ? a : b) },
};

type Expression = { readonly leaf: Dim } | { readonly op: Binary; readonly a: Expression; readonly b: Expression };

type Bindings = Readonly<Record<string, number>>;

const names = ["N", "T", "M"] as const;
const bindings: fc.Arbitrary<Bindings> = fc.record({
  N: fc.integer({ min: 1, max: 9 }),
  T: fc.integer({ min: 1, max: 40 }),
  M: fc.integer({ min: 1, max: 4 }),
});

function expressions(ops: readonly Binary[], maxDepth: number): fc.Arbitrary<Expression> {
  return fc.letrec<{ expression: Expression; leaf: Expression; node: Expression }>((tie) => ({
    expression: fc.oneof({ maxDepth, depthSize: "small" }, tie("leaf"), tie("node")),
    leaf: fc.record({ leaf: fc.oneof(fc.constantFrom<Dim>(...names), fc.integer({ min: -6, max: 8 })) }),
    node: fc.record({ op: fc.constantFrom(...ops), a: tie("expression"), b: tie("expression") }),
  })).expression;
}

const ring: readonly Binary[] = ["add", "sub", "mul"];
const all = Object.keys(operations) as readonly Binary[];
const anything = expressions([...all, ...ring], 3);

/** The length; undefined where something is divided by what is always 0. */
function build(expression: Expression): Dim | undefined {
  if ("leaf" in expression) return expression.leaf;
  const [a, b] = [build(expression.a), build(expression.b)];
  if (a === undefined || b === undefined || (b === 0 && /Div|mod/.test(expression.op))) return undefined;
  return operations[expression.op].of(a, b);
}

function valueAt(expression: Expression, values: Bindings): bigint | undefined {
  if ("leaf" in expression) {
    return BigInt(typeof expression.leaf === "number" ? expression.leaf : (values[expression.leaf] ?? 0));
  }
  const [a, b] = [valueAt(expression.a, values), valueAt(expression.b, values)];
  return a === undefined || b === undefined ? undefined : operations[expression.op].big(a, b);
}

/** Parsed anew: the text with a space is in no cache. */
const reparsed = (dim: Dim) => length(`${dim} `);

describe("the algebra of lengths", () => {
  it("agrees with whole numbers for every value of the symbols", () => {
    fc.assert(
      fc.property(anything, fc.array(bindings, { minLength: 1, maxLength: 5 }), (expression, list) => {
        const dim = build(expression);
        for (const values of list) {
          const expected = valueAt(expression, values);
          if (dim === undefined || expected === undefined) continue;
          expect(evaluate(dim, values)).toBe(Number(expected));
        }
      }),
      { numRuns: 4000, seed },
    );
  });

  it("has numbers for every operation on numbers, also near 2^53", () => {
    const number = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.maxSafeInteger());
    fc.assert(
      fc.property(fc.constantFrom(...all), number, number, (op, a, b) => {
        const { of, big } = operations[op];
        const expected = big(BigInt(a), BigInt(b));
        const isSafe = expected !== undefined && BigInt.asIntN(54, expected) === expected && expected !== -(2n ** 53n);
        if (isSafe) expect(of(a, b)).toBe(Number(expected));
        else expect(() => of(a, b)).toThrow(expected === undefined ? "divided by 0" : "greater than 9007199254740991");
      }),
      { numRuns: 4000, seed },
    );
  });

  it("gives one text to one polynomial, however it is put together", () => {
    // Σ k · x · y … once in order, once shuffled, with factors exchanged, and with something added and taken away.
    const factor = expressions(all, 1).map(build);
    const term = fc.tuple(fc.integer({ min: -5, max: 5 }), fc.array(factor, { maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(term, { maxLength: 5 }), fc.infiniteStream(fc.nat(1000)), factor, (terms, stream, extra) => {
        const lengths = terms.map(([k, factors]) => [k, ...factors.map((dim) => dim ?? 1)]);
        const sum = (list: readonly (readonly Dim[])[]) => list.map(product).reduce<Dim>(add, 0);
        const shuffled = <T>(list: readonly T[]): T[] =>
          list
            .map((entry) => ({ entry, key: stream.next().value ?? 0 }))
            .sort((a, b) => a.key - b.key)
            .map(({ entry }) => entry);
        const other = sum(shuffled([...lengths, [extra ?? 1], [-1, extra ?? 1]]).map(shuffled));
        expect(other).toBe(sum(lengths));
      }),
      { numRuns: 2000, seed },
    );
  });

  it("is distributive and associative in its texts", () => {
    const dim = expressions(ring, 2).map((expression) => build(expression) ?? 1);
    fc.assert(
      fc.property(dim, dim, dim, fc.integer({ min: 1, max: 6 }), (a, b, c, k) => {
        expect(mul(add(a, b), c)).toBe(add(mul(a, c), mul(b, c)));
        expect(add(add(a, b), c)).toBe(add(a, add(b, c)));
        expect(mul(mul(a, b), c)).toBe(mul(a, mul(b, c)));
        expect(sub(a, b)).toBe(neg(sub(b, a)));
        expect(min(a, b)).toBe(min(b, a));
        expect(max(a, b)).toBe(max(b, a));
        expect(floorDiv(add(a, mul(b, k)), k)).toBe(add(floorDiv(a, k), b));
        if (b !== 0) expect(floorDiv(mul(a, k), mul(b, k))).toBe(floorDiv(a, b));
      }),
      { numRuns: 2000, seed },
    );
  });

  it("reads its own texts", () => {
    fc.assert(
      fc.property(anything, (expression) => {
        const dim = build(expression) ?? 1;
        expect(reparsed(dim)).toBe(dim);
      }),
      { numRuns: 4000, seed },
    );
  });

  it("finds every quotient that is exact, and no other", () => {
    const dim = expressions(ring, 3).map((expression) => build(expression) ?? 1);
    fc.assert(
      fc.property(dim, dim, fc.integer({ min: 1, max: 12 }), (a, b, rest) => {
        expect(quotient(mul(a, b), b)).toBe(b === 0 ? undefined : a);
        for (const above of [a, add(mul(a, b), rest)]) {
          const found = quotient(above, b);
          if (found !== undefined) expect(mul(found, b)).toBe(above);
        }
      }),
      { numRuns: 2000, seed },
    );
  });

  it("has bounds that hold, and proves nothing untrue", () => {
    fc.assert(
      fc.property(anything, anything, fc.array(bindings, { minLength: 1, maxLength: 5 }), (left, right, list) => {
        const [a, b] = [build(left), build(right)];
        for (const values of list) {
          const [x, y] = [valueAt(left, values), valueAt(right, values)];
          if (a === undefined || x === undefined) continue;
          expect(lowest(a)).toBeLessThanOrEqual(Number(x));
          expect(highest(a)).toBeGreaterThanOrEqual(Number(x));
          if (b !== undefined && y !== undefined && isAtLeast(a, b)) expect(x).toBeGreaterThanOrEqual(y);
        }
      }),
      { numRuns: 4000, seed },
    );
  });

  it("names exactly the symbols that are needed", () => {
    fc.assert(
      fc.property(anything, bindings, (expression, values) => {
        const dim = build(expression) ?? 1;
        const needed = symbolsOf(dim);
        expect(needed).toEqual(names.filter((name) => new RegExp(`\\b\\d*${name}\\b`).test(String(dim))).sort());
        const given = Object.fromEntries(needed.map((name) => [name, values[name] ?? 1]));
        if (valueAt(expression, values) !== undefined) evaluate(dim, given);
        for (const name of needed) {
          const { [name]: _, ...others } = given;
          expect(() => evaluate(dim, others)).toThrow(`the length ${name} is not known`);
        }
      }),
      { numRuns: 1000, seed },
    );
  });
});

describe("texts", () => {
  it.each<readonly [given: string, canonical: Dim]>([
    ["7", 7],
    ["3 - 3", 0],
    ["N", "N"],
    ["N*576", "576N"],
    ["3 + T*N*2", "2N*T + 3"],
    ["N*N - 2N", "N*N - 2N"],
    ["3-N", "-N + 3"],
    ["-N*T - T", "-N*T - T"],
    ["b1*_x - A", "_x*b1 - A"],
    ["2(N + 1)*(N - 1)", "2N*N - 2"],
    ["floor((T - 1)/2) + 1", "floor((T - 1)/2) + 1"],
    ["floor((T + 1)/2)", "floor((T - 1)/2) + 1"],
    ["floor((T + 2 - 3)/2) + 1", "floor((T - 1)/2) + 1"],
    ["floor((2T + 1)/2)", "T"],
    ["floor((5T + 7)/3)", "T + floor((2T - 2)/3) + 3"],
    ["floor(-N/2)", "-N + floor(N/2)"],
    ["floor(N/(-2))", "-N + floor(N/2)"],
    ["floor(-7/2)", -4],
    ["floor((4N + 3)/6)", "floor((2N - 2)/3) + 1"],
    ["floor(floor(T/2)/3)", "floor(T/6)"],
    ["floor((floor((T - 1)/2) + N)/3)", "floor((2N + T - 1)/6)"],
    ["floor((2*floor(T/2) + 2)/4)", "floor((T - 2)/4) + 1"],
    ["floor(N*T/(2N*M))", "floor(T/(2M))"],
    ["floor((T + N - 1)/N)", "floor((T - 1)/N) + 1"],
    ["floor((N*N - 1)/(N + 1))", "N - 1"],
    ["floor((N*T + N)/(T + 1))", "N"],
    ["floor(N/(N + 1))", 0],
    ["floor(N/(N*N + 1))", 0],
    ["floor(0/(N - T))", 0],
    ["floor(-1/T)", -1],
    ["floor(1/N)", "floor(1/N)"],
    ["2floor(T/2)*N", "2N*floor(T/2)"],
    ["min(T, T + 1)", "T"],
    ["max(N, 1)", "N"],
    ["max(0, N - 3)", "max(N - 3, 0)"],
    ["min(3, min(T, N))", "min(N, T, 3)"],
    ["min(T, N, T + 1, 2T)", "min(N, T)"],
    ["max(min(T, 5), T)", "T"],
    ["max(T, min(N, T))", "T"],
    ["min(T, floor(T/2))", "floor(T/2)"],
    ["floor(min(T, 2)/4)", 0],
    ["min(min(T, 2), 2N)", "min(T, 2)"],
  ])("%s is %s", (given, canonical) => {
    expect(length(given)).toBe(canonical);
  });

  it.each([
    ["", "expected a number, a name or a parenthesis, found the end"],
    ["N +", "found the end"],
    ["N T", 'expected the end, found "T"'],
    ["2 3", 'expected the end, found "3"'],
    ["N/2", 'expected the end, found "/"'],
    ["batch-size?", 'expected the end, found "?"'],
    ["(N", "expected ), found the end"],
    ["floor(N)", 'expected /, found ")"'],
    ["floor(N/2T)", 'expected ), found "T"'],
    ["floor(N/(T - T))", "divided by 0"],
    ["min(N)", "expected a second argument"],
    ["ceil(N/2)", 'expected floor, min or max before the parenthesis, found "ceil"'],
    ["constructor(N)", "expected floor, min or max"],
    ["9007199254740992N", "greater than 9007199254740991"],
    [`${"(".repeat(500)}N${")".repeat(500)}`, "more than 400 parentheses"],
    ["N*".repeat(200).concat("N"), "more than 500 terms, 100 factors"],
    ["N".repeat(3000), "2000 letters"],
  ])("%s is refused", (given, message) => {
    expect(() => length(given)).toThrow(message);
    expect(() => length(given)).toThrow("GRAPH_NODE_INVALID");
  });

  it("stay right when more were read than are kept", () => {
    for (let k = 2; k < 6000; k++) expect(add(mul("T", k), k)).toBe(`${k}T + ${k}`);
    expect(length("2 + T*2")).toBe("2T + 2");
  });
});

describe("operations", () => {
  it.each<readonly [name: string, found: unknown, expected: unknown]>([
    ["ceilDiv(T, 2)", ceilDiv("T", 2), "floor((T - 1)/2) + 1"],
    ["ceilDiv(2T, 2)", ceilDiv("2T", 2), "T"],
    ["ceilDiv(T, N)", ceilDiv("T", "N"), "floor((T - 1)/N) + 1"],
    ["mod(T, 3)", mod("T", 3), "T - 3floor(T/3)"],
    ["mod(4T, 2)", mod("4T", 2), 0],
    ["mod(mod(T, N), N)", mod(mod("T", "N"), "N"), mod("T", "N")],
    ["mod(-7, 3)", mod(-7, 3), 2],
    ["mod(7, -3)", mod(7, -3), -2],
    ["neg(0)", neg(0), 0],
    ["mul(-3, 0)", mul(-3, 0), 0],
    ["mul(0, N)", mul(0, "N"), 0],
    ["mul(-1, N)", mul(-1, "N"), "-N"],
    ["min(N, 2^63 - 1)", min("N", 2 ** 63 - 1), "N"],
    ["min(2^63 - 1, N)", min(2 ** 63 - 1, "N"), "N"],
    ["max(N, -2^63)", max("N", -(2 ** 63)), "N"],
    ["max(-2^63, N)", max(-(2 ** 63), "N"), "N"],
    ["quotient(4N*T, T)", quotient("4N*T", "T"), "4N"],
    ["quotient(576N, 24)", quotient("576N", 24), "24N"],
    ["quotient(576N, 7)", quotient("576N", 7), undefined],
    ["quotient(N*N - 1, N + 1)", quotient("N*N - 1", "N + 1"), "N - 1"],
    ["quotient(-6N, -4)", quotient("-6N", -4), undefined],
    ["quotient(-6N, -3)", quotient("-6N", -3), "2N"],
    ["quotient(0, 5)", quotient(0, 5), 0],
    ["quotient(0, -5)", quotient(0, -5), 0],
    ["quotient(N, 0)", quotient("N", 0), undefined],
    ["quotient(5, 0)", quotient(5, 0), undefined],
    ["quotient(7, 2)", quotient(7, 2), undefined],
    ["quotient(0, N)", quotient(0, "N"), 0],
    ["quotient(N, T)", quotient("N", "T"), undefined],
    ["product([])", product([]), 1],
    ["product([N, 4, T, N])", product(["N", 4, "T", "N"]), "4N*N*T"],
    ["product([N, 0])", product(["N", 0]), 0],
    ["symbolsOf(4)", symbolsOf(4), []],
    ["symbolsOf(floor(T/min(N, 3)))", symbolsOf("T*floor(T/min(N, 3))"), ["N", "T"]],
  ])("%s", (_, found, expected) => {
    expect(found).toEqual(expected);
  });

  it.each<readonly [dim: Dim, low: number, high: number]>([
    [5, 5, 5],
    ["N", 1, Number.POSITIVE_INFINITY],
    ["-2N + 3", Number.NEGATIVE_INFINITY, 1],
    ["N*T - N", 0, Number.POSITIVE_INFINITY],
    ["N*N - 2N + 1", 0, Number.POSITIVE_INFINITY],
    ["-N*T + N + T", Number.NEGATIVE_INFINITY, 1],
    ["N - T", Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    ["floor((T - 1)/2) + 1", 1, Number.POSITIVE_INFINITY],
    ["T - floor(T/2)", 1, Number.POSITIVE_INFINITY],
    ["T - 2floor(T/2)", 0, 1],
    ["-N*floor(T/N) + T", 0, Number.POSITIVE_INFINITY],
    ["2N*floor(T/2) - N*T + N - 2floor(T/2) + T - 1", 0, Number.POSITIVE_INFINITY],
    ["floor(5/N)", 0, 5],
    ["floor(-5/N)", -5, -1],
    ["N*floor(-5/N)", Number.NEGATIVE_INFINITY, -5],
    ["min(T, 5)", 1, 5],
    ["-min(T, 5)", -5, -1],
    ["max(T, 5)", 5, Number.POSITIVE_INFINITY],
    ["max(T - 5, 0) - T", -5, -1],
    ["min(T, 5) - min(T, 2)", 0, 3],
    ["N*min(T, 2)", 1, Number.POSITIVE_INFINITY],
    ["min(N, 3)*min(T, 2)", 1, 6],
  ])("%s is at least %d and at most %d", (dim, low, high) => {
    expect([lowest(dim), highest(dim)]).toEqual([low, high]);
  });

  it("prove inequalities", () => {
    expect(isAtLeast("T", floorDiv("T", 2))).toBe(true);
    expect(isAtLeast(sub("N", 1), mod("T", "N"))).toBe(true);
    expect(isAtLeast(max("T", "N"), "T")).toBe(true);
    expect(isAtLeast("T", min("T", "N"))).toBe(true);
    expect(isAtLeast(4, min("T", 4))).toBe(true);
    expect(isAtLeast("T", 2)).toBe(false);
    expect(isAtLeast(1, "T")).toBe(false);
    expect(isAtLeast("T", "N")).toBe(false);
    expect(isAtLeast("T", "T")).toBe(true);
  });

  it("throw where a number leaves the safe integers", () => {
    const greatest = Number.MAX_SAFE_INTEGER;
    const message = `a length would be greater than ${greatest}`;
    expect(() => add(greatest, 1)).toThrow(message);
    expect(() => sub(-greatest, 1)).toThrow(message);
    expect(() => mul(2 ** 27, 2 ** 27)).toThrow(message);
    expect(() => mul(length("3N + 3"), greatest)).toThrow(message);
    expect(() => add(`${greatest}N`, "N")).toThrow(message);
    expect(() => product(["N", 2 ** 27, 2 ** 27])).toThrow(message);
    expect(() => evaluate("N*N", { N: 2 ** 27 })).toThrow(message);
    expect(mul(`${greatest}N`, "T")).toBe(`${greatest}N*T`);
    // What only a bound or a simpler form would need is not an error.
    expect(lowest(`${greatest}N*T + ${greatest}T`)).toBe(Number.NEGATIVE_INFINITY);
    expect(floorDiv(floorDiv("N", greatest), 2)).toBe(`floor(floor(N/${greatest})/2)`);
  });

  it("throw where something is divided by 0", () => {
    for (const divide of [floorDiv, ceilDiv, mod]) {
      expect(() => divide(3, 0)).toThrow("3 is divided by 0");
      expect(() => divide("N", 0)).toThrow("divided by 0");
    }
    expect(() => evaluate(floorDiv("N", "T - 1"), { N: 1, T: 1 })).toThrow("floor(N/(T - 1)) divides by 0");
  });

  it("do not take an object's own functions for lengths", () => {
    expect(() => evaluate("constructor", {})).toThrow("the length constructor is not known");
  });
});

describe("shapes", () => {
  const dim = fc.oneof(fc.constantFrom<Dim>("N", "T", "2N"), fc.integer({ min: 0, max: 3 }));

  it("broadcast as ONNX does", () => {
    expect(broadcast(["N", 1, 3], ["T", 1])).toEqual(["N", "T", 3]);
    expect(broadcast([], ["N"])).toEqual(["N"]);
    expect(broadcast([1], [0])).toEqual([0]);
    expect(broadcast(["N"], ["T"])).toBeUndefined();
    expect(broadcast(["N"], [2])).toBeUndefined();
    fc.assert(
      fc.property(fc.array(dim, { maxLength: 4 }), fc.array(dim, { maxLength: 4 }), (a, b) => {
        const found = broadcast(a, b);
        expect(found).toEqual(broadcast(b, a));
        expect(broadcast(a, a)).toEqual(a);
        const rank = Math.max(a.length, b.length);
        const aligned = [a, b].map((shape) => [...Array<Dim>(rank - shape.length).fill(1), ...shape]);
        const pairs = Array.from({ length: rank }, (_, axis) => aligned.map((shape) => shape[axis] ?? 1));
        const lengths = pairs.map((pair) => [...new Set(pair)].filter((length) => length !== 1));
        const expected = lengths.map(([length = 1]) => length);
        expect(found).toEqual(lengths.every((list) => list.length < 2) ? expected : undefined);
      }),
      { numRuns: 500, seed },
    );
  });

  it("are compared, told static and written", () => {
    expect(sameShape(["N", 2], ["N", 2])).toBe(true);
    expect(sameShape(["N", 2], ["N"])).toBe(false);
    expect(sameShape(["N", 2], ["T", 2])).toBe(false);
    expect([isStatic([]), isStatic([2, 3]), isStatic([2, "N"])]).toEqual([true, true, false]);
    expect(formatShape(["N", "2T + 1", 3])).toBe("[N,2T + 1,3]");
  });

  it("teach their symbols", () => {
    const known: Record<string, number> = {};
    expect(bindLengths(["N*T + 1", "N", "2T", 3], [21, 4, 10, 3], known)).toBeUndefined();
    expect(known).toEqual({ N: 4, T: 5 });
    expect(bindLengths(["N", "-M + 10"], [4, 7], known)).toBeUndefined();
    expect(known).toEqual({ N: 4, T: 5, M: 3 });
  });

  it.each<readonly [shape: readonly Dim[], actual: readonly number[], known: Bindings, message: string]>([
    [["N", 3], [4], {}, "[4] has 1 axes, expected 2: [N,3]"],
    [["N", 3], [4, 5], {}, "axis 1 is 5, expected 3"],
    [["N", "N"], [4, 5], {}, "axis 1 is 5, expected N = 4"],
    [["N"], [4], { N: 5 }, "axis 0 is 4, expected N = 5"],
    [["N", "2T"], [4, 7], {}, "axis 1 is 7, expected 2T with whole lengths of at least 1"],
    [["N"], [0], {}, "axis 0 is 0, expected N with whole lengths of at least 1"],
    [["N", "N*T"], [4, 8], {}, "axis 1 is 8, expected N*T with whole lengths of at least 1"],
    [["T", "floor(T/2)"], [5, 3], {}, "axis 1 is 3, expected floor(T/2) = 2"],
  ])("%j does not fit %j", (shape, actual, known, message) => {
    const into = { ...known };
    expect(bindLengths(shape, actual, into)).toBe(message);
    expect(into).toEqual(known);
  });
});
