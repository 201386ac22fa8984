import type { RunOptionTable } from "./run-row.js";

const group = "Data";
const everywhere = ["train", "package", "convert"] as const;

/** Which rows to learn from and to validate with. */
export const dataRows = {
  data: {
    kind: "file",
    placeholder: "FILE",
    describe: "rows to learn from: .npz, .npy, HDF5, LMDB, Parquet, IDX, CSV, or a folder or list of pictures",
    comment: "",
    group,
    in: everywhere,
  },
  labels: {
    kind: "file",
    placeholder: "FILE",
    describe: "their labels, if the data file does not hold them",
    comment: "",
    group,
    in: everywhere,
  },
  input: {
    kind: "by-input",
    of: "text",
    placeholder: "[NAME=]ARRAY",
    describe: "the array of the network's input, or of each by its name (.npz, HDF5, Parquet)",
    default: "the array of the input's name",
    group,
    in: everywhere,
  },
  label: {
    kind: "by-input",
    of: "text",
    placeholder: "[NAME=]ARRAY",
    describe: ".npz: the array of the network's label, likewise",
    default: "the array of the label's name",
    group,
    in: everywhere,
  },
  "label-column": {
    kind: "text",
    placeholder: "NAME|N",
    describe: "CSV: the column of the labels, by name or number from 1",
    default: "label, class, target or y, else the last",
    group,
    in: everywhere,
  },
  "sample-shape": {
    kind: "shape",
    describe: "shape of one row of the data, where the file holds flat rows of another size than the model takes",
    comment: "of one row of the data",
    group,
    in: everywhere,
  },
  crop: {
    kind: "flag",
    describe: "cut the model's size out of larger images, at random places in training, instead of resizing them",
    comment: "cut images instead of resizing them",
    default: "what the model's files say",
    group,
    in: everywhere,
  },
  mirror: {
    kind: "flag",
    describe: "turn images left to right at random in training",
    comment: "turn images left to right at random",
    default: "what the model's files say",
    group,
    in: everywhere,
  },
  validation: {
    kind: "number",
    min: 0,
    below: 1,
    fallback: 0.2,
    describe: "share of the rows kept to validate each epoch",
    default: "0.2, or 0 if a solver file has no test_interval; test rows of the file, where it has some",
    group,
    in: everywhere,
  },
  "val-data": {
    kind: "file",
    placeholder: "FILE",
    describe: "rows to validate with instead of a share",
    excludes: "validation",
    group,
    in: everywhere,
  },
  "val-labels": {
    kind: "file",
    placeholder: "FILE",
    describe: "labels of --val-data, if it does not hold them",
    needs: "val-data",
    group,
    in: everywhere,
  },
} as const satisfies RunOptionTable;
