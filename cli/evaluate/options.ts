import type { OptionTable } from "../options.js";
import { dataOptions } from "../training-options.js";

const { validation: _share, "val-data": _data, "val-labels": _labels, ...arrays } = dataOptions;

/** The rows that a trained network is used on, and where in the file they are, as `train` takes them. */
export const rowOptions = {
  data: {
    kind: "file",
    placeholder: "FILE",
    required: true,
    describe: "the rows: .npz, .npy, IDX or CSV, plain or gzipped",
    group: dataOptions.labels.group,
  },
  ...arrays,
} as const satisfies OptionTable;

/** What a command that uses a trained network is about. */
export const resultTarget = {
  name: "TARGET",
  describe: "a result folder that train wrote, or the directory of a training package that has one",
} as const;
