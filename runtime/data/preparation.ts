import type { DataType, Dim } from "../graph/types.js";
import type { Layout } from "./layout.js";
import type { InputPlan } from "./plan-input.js";
import type { Scaling } from "./scaling.js";

/**
 * How rows of a data file become one input of a network: they are read in a shape, images turned or resized, and
 * y = (x − mean) · scale. Plain data, kept with the trained network. Shapes are those of one row.
 */
export interface InputPreparation extends Pick<Layout, "channelsLast" | "resizeFrom" | "cropFrom">, Scaling {
  /** As the file has them; where the network has named lengths these stand for any number. */
  readonly rows: readonly Dim[];
  /** What they are read as. */
  readonly sample: readonly Dim[];
  /** What the network takes. */
  readonly shape: readonly Dim[];
  readonly dtype: DataType;
}

/** The preparation of each input, by its name. */
export type Preparation = Readonly<Record<string, InputPreparation>>;

/** What was planned for a column, as plain data. */
export function preparationOf({ dtype, layout, scaling, ...shapes }: InputPlan): InputPreparation {
  const { channelsLast, resizeFrom, cropFrom } = layout;
  const [rows, sample] = [shapes.rows, shapes.column.shape.slice(1)];
  // Where a network has named lengths, rows are as it takes them: other rows may be longer.
  const named = shapes.input.some((dim) => typeof dim !== "number") && rows.join() === sample.join();
  const known = named ? { rows: shapes.input, sample: shapes.input, shape: shapes.input } : { rows, sample };
  return {
    shape: shapes.shape,
    ...known,
    dtype,
    channelsLast,
    ...(resizeFrom && { resizeFrom }),
    ...(cropFrom && { cropFrom }),
    ...scaling,
  };
}

/** A preparation for a reader: `rows of 8×8, resized to 28×28 (bilinear), (x − 33) · 0.004`. */
export function preparationText(preparation: InputPreparation): string {
  const { rows, sample, shape, channelsLast, resizeFrom, cropFrom, mean, scale } = preparation;
  const unlike = (a: readonly Dim[], b: readonly Dim[]) => a.join() !== b.join();
  const steps = [
    `rows of ${shapeText(rows)}`,
    ...(unlike(rows, sample) ? [`read as ${shapeText(sample)}`] : []),
    ...(channelsLast ? ["channels last turned to first"] : []),
    ...(resizeFrom ? [`resized to ${shapeText(shape.slice(1))} (bilinear, half-pixel centres)`] : []),
    ...(cropFrom ? [`cut to ${shapeText(shape.slice(1))} in the middle`] : []),
    ...(!resizeFrom && !cropFrom && !channelsLast && unlike(sample, shape) ? [`read as ${shapeText(shape)}`] : []),
  ];
  const less = mean.every((value) => value === 0) ? "x" : `(x − ${mean.join(" / ")})`;
  const scaled = scale === 1 ? less : `${less} · ${scale}`;
  return [...steps, ...(scaled === "x" ? [] : [scaled])].join(", ");
}

function shapeText(shape: readonly Dim[]): string {
  return shape.length === 0 ? "one number" : shape.join("×");
}

/** `[channels, height, width]`; lengths that are not there are 1. */
export function imageShape(shape: readonly Dim[]): readonly [number, number, number] {
  const [channels = 1, height = 1, width = 1] = shape.map(Number);
  return [channels, height, width];
}
