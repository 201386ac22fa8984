import { type FieldTable, fieldRules, type Settings } from "../../../generators/source/fields/field.js";
import { count, group, listOf, number, text } from "../../../generators/source/fields/kinds.js";
import { choice } from "../../../generators/source/fields/words.js";
import { ifGiven, otherwise } from "../../../generators/source/fields/wrappers.js";
import type { SourceRef } from "../../../runtime/errors.js";
import { dense, dropout, relu, type Tensor } from "../../../runtime/layers/index.js";

interface Place {
  readonly name: string;
  readonly at: SourceRef;
}

/** One row of the toy's layer table: its fields beside name, kind and from, and what it makes of them. */
function row<const Fields extends FieldTable>(
  fields: Fields,
  make: (x: Tensor, settings: Settings<Fields & typeof common>, place: Place) => Tensor,
) {
  const rules = fieldRules<FieldTable>({
    message: "layer",
    fields: { ...common, ...fields },
    ignored: { comment: "it is for people" },
    refused: { tied: { because: "each layer has weights of its own" } },
  });
  // The settings are those of the table by the decoder's contract.
  return { rules, make: make as (x: Tensor, settings: Settings<FieldTable>, place: Place) => Tensor };
}

const common = { name: text(), kind: text(), from: text() };

export const layers = {
  dense: row({ units: count(1) }, (x, { units }, place) => dense(x, { ...place, units })),
  dropout: row({ rate: number("a number ≥ 0 and < 1", (rate) => rate >= 0 && rate < 1) }, (x, { rate }, place) =>
    dropout(x, { ...place, rate }),
  ),
  relu: row({}, (x, _, place) => relu(x, place)),
};

const lossRules = fieldRules({
  message: "loss",
  fields: {
    kind: choice({ classes: "classes", values: "values" }),
    of: text(),
    truth: text(),
    weight: otherwise(number(), 1),
    classes: listOf(text()),
  },
});

export const modelRules = fieldRules({
  message: "model",
  fields: {
    toy: count(1),
    name: text(),
    inputs: listOf(
      group(
        fieldRules({ message: "input", fields: { name: text(), shape: listOf(count(1)), scale: ifGiven(number()) } }),
      ),
    ),
    layers: { kind: "apart", expected: "a list of layers", read: () => ({ value: undefined }) },
    losses: listOf(group(lossRules)),
    training: group(
      fieldRules({
        message: "training",
        fields: { rate: number(), epochs: ifGiven(count(1)), batch: ifGiven(count(1)) },
        ignored: { plot: "progress is shown in another way" },
      }),
    ),
    weights: ifGiven(text()),
  },
});
