import { describe, expect, it } from "vitest";
import { bindData, type GivenData } from "../../runtime/paramserv/bind-data.js";
import type { Feed, TrainingProgram } from "../../runtime/program/types.js";

const floats = (...shape: number[]) => ({
  shape,
  data: new Float32Array(shape.reduce((product, dim) => product * dim, 1)),
});
const whole = (shape: number[], ...values: number[]) => ({ shape, data: Int32Array.from(values) });
const zeros = (...shape: number[]) => whole(shape, ...new Array(shape.reduce((a, b) => a * b, 1)).fill(0));

const image = { kind: "features", name: "image", dtype: "float32", shape: [1, 2] } as const;
const tokens = { kind: "features", name: "tokens", dtype: "int64", shape: ["T"] } as const;
const label = { kind: "labels", name: "label", dtype: "int32", shape: [], classes: 3, ignored: -1 } as const;
const tags = { kind: "labels", name: "tags", dtype: "int32", shape: ["T"] } as const;
const sure = { kind: "labels", name: "sure", dtype: "bool", shape: [] } as const;

function bind(feeds: readonly Feed[], given: GivenData, prefix: "" | "val_" = "") {
  const { problems, ...bound } = bindData(given, prefix, { name: "net", feeds } as unknown as TrainingProgram);
  const messages = problems.map(({ code, message, hint }) => `${code} ${message}${hint ? ` (${hint})` : ""}`);
  return { ...bound, messages };
}

describe("data of a network", () => {
  it("as single arrays go to the one feed of their kind", () => {
    const given = { features: floats(4, 1, 2), labels: whole([4], 0, 2, -1, 1) };
    const { dataset, rows, messages } = bind([image, label], given);
    expect(dataset).toEqual({ features: { image: given.features }, labels: { label: given.labels } });
    expect({ rows, messages }).toEqual({ rows: 4, messages: [] });
  });

  it("as records go by name, and tell the named lengths", () => {
    const features = { tokens: zeros(2, 5), image: floats(2, 1, 2) };
    const labels = { label: whole([2], 0, 1), tags: zeros(2, 5) };
    const { dataset, lengths, messages } = bind([image, tokens, label, tags], { features, labels });
    expect(dataset).toEqual({ features, labels });
    expect(lengths).toEqual({ T: 5 });
    expect(messages).toEqual([]);
  });

  it("may have no labels where the network takes none", () => {
    for (const labels of [undefined, {}]) {
      const { dataset, messages } = bind([image], { features: floats(2, 1, 2), labels });
      expect({ labels: dataset.labels, messages }).toEqual({ labels: {}, messages: [] });
    }
  });

  const cases: readonly (readonly [string, readonly Feed[], GivenData, readonly string[]])[] = [
    [
      "that are one array where the network takes several",
      [image, tokens],
      { features: floats(2, 1, 2), labels: undefined },
      [
        'PARAMSERV_OPTION_INVALID features are one array; network "net" takes image, tokens; give { image: …, tokens: … }',
      ],
    ],
    [
      "that are missing",
      [image, label],
      { features: floats(2, 1, 2), labels: undefined },
      ['PARAMSERV_OPTION_MISSING option labels is missing; network "net" takes label'],
    ],
    [
      "that the network does not take",
      [image],
      { features: floats(2, 1, 2), labels: zeros(2) },
      ['PARAMSERV_OPTION_INVALID labels are one array; network "net" takes none'],
    ],
    [
      "with other names",
      [image, tokens],
      { features: { image: floats(2, 1, 2), token: zeros(2, 5) }, labels: {} },
      [
        'DATA_ARRAY_MISSING features have no array "tokens"; network "net" takes image, tokens',
        'PARAMSERV_OPTION_INVALID features have an array "token"; network "net" takes image, tokens',
      ],
    ],
    [
      "of another type",
      [image, tokens, label],
      { features: { image: zeros(2, 1, 2), tokens: floats(2, 5) }, labels: floats(2) },
      [
        'PARAMSERV_OPTION_INVALID features.image is int32; "image" of the network takes float32 (give them as a Float32Array)',
        'PARAMSERV_OPTION_INVALID features.tokens is float32; "tokens" of the network takes int64 (give whole numbers as an Int32Array)',
        'DATA_LABELS_INVALID labels are float32; "label" of the network takes int32 (give class numbers as an Int32Array)',
      ],
    ],
    [
      "of different numbers of rows",
      [image, tokens, label],
      { features: { image: floats(2, 1, 2), tokens: zeros(3, 5) }, labels: zeros(4) },
      [
        "DATA_ROWS_MISMATCH features.image has 2 rows and features.tokens 3; expected as many",
        "DATA_ROWS_MISMATCH features.image has 2 rows and labels 4; expected as many",
      ],
    ],
    [
      "of another shape",
      [image, tokens],
      { features: { image: floats(2, 2, 1), tokens: zeros(2, 5, 1) }, labels: {} },
      [
        'DATA_SHAPE_MISMATCH features.image has shape [2,2,1]; "image" of the network takes [rows,1,2]',
        'DATA_SHAPE_MISMATCH features.tokens has shape [2,5,1]; "tokens" of the network takes [rows,T]',
      ],
    ],
    [
      "whose named lengths differ",
      [tokens, tags],
      { features: zeros(2, 5), labels: zeros(2, 6) },
      ['DATA_SHAPE_MISMATCH labels have shape [2,6]; "tags" of the network takes [rows,T], where T is 5'],
    ],
    [
      "with classes out of range, but for what is ignored",
      [image, label, sure],
      { features: floats(4, 1, 2), labels: { label: whole([4], -1, 2, 0, 3), sure: whole([4], 0, 1, 2, 0) } },
      [
        'DATA_LABELS_INVALID labels.label holds class 3 at index 3; "label" of the network takes classes from 0 to 2, and -1 for none',
        'DATA_LABELS_INVALID labels.sure holds 2 at index 2; "sure" of the network takes 0 and 1',
      ],
    ],
  ];
  for (const [name, feeds, given, expected] of cases) {
    it(`${name} are refused`, () => {
      expect(bind(feeds, given).messages).toEqual(expected);
    });
  }

  it("to validate with are called so", () => {
    expect(bind([image, label], { features: floats(2, 1, 3), labels: undefined }, "val_").messages).toEqual([
      'PARAMSERV_OPTION_MISSING option val_labels is missing; network "net" takes label',
      'DATA_SHAPE_MISMATCH val_features have shape [2,1,3]; "image" of the network takes [rows,1,2]',
    ]);
  });
});

describe("data of a user function", () => {
  it("keep their names; a single array is called as its kind", () => {
    const features = floats(2, 3);
    const labels = { a: zeros(2), b: floats(2, 2) };
    const { dataset, rows, problems } = bindData({ features, labels }, "", undefined);
    expect(dataset).toEqual({ features: { features }, labels });
    expect({ rows, problems }).toEqual({ rows: 2, problems: [] });
  });

  it("have as many rows each", () => {
    const { problems } = bindData({ features: { a: floats(2), b: floats(3) }, labels: {} }, "", undefined);
    expect(problems).toMatchObject([
      { code: "DATA_ROWS_MISMATCH", message: "features.a has 2 rows and features.b 3; expected as many" },
    ]);
  });
});
