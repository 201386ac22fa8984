/** A model of two inputs and two losses, one line a value, so that places can be told. */
export const toy = `{
  "toy": 1,
  "name": "pair",
  "inputs": [{ "name": "a", "shape": [4], "scale": 0.5 }, { "name": "b", "shape": [3] }],
  "layers": [
    { "name": "h", "kind": "dense", "from": "a", "units": 5 },
    { "name": "r", "kind": "relu", "from": "h" },
    { "name": "digit", "kind": "dense", "from": "r", "units": 2 },
    { "name": "size", "kind": "dense", "from": "b", "units": 1 }
  ],
  "losses": [
    { "kind": "classes", "of": "digit", "truth": "which", "classes": ["zero", "one"] },
    { "kind": "values", "of": "size", "truth": "wanted", "weight": 0.25 }
  ],
  "training": { "rate": 0.1, "epochs": 3, "batch": 8 },
  "weights": "pair.bin"
}
`;
