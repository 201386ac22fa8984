import type { DataType, Dim } from "../graph/types.js";

/** What a network takes as one of its inputs. */
export interface InputShape {
  /** Of one row; may hold named lengths. */
  readonly shape: readonly Dim[];
  readonly dtype: DataType;
}

/** What a network compares with. */
export interface LabelShape extends InputShape {
  /** Class numbers: whole numbers from 0 to `classes` − 1. */
  readonly classes?: number;
  /** A class number that says "no label here". */
  readonly ignored?: number;
}

/** The columns that a network is fed with, by their names. Made by `dataShapes(program)`. */
export interface DataShapes {
  readonly inputs: Readonly<Record<string, InputShape>>;
  readonly labels: Readonly<Record<string, LabelShape>>;
}
