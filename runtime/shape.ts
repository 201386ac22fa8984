/** Number of elements of an array of this shape; 1 for `[]`. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Number of elements of several arrays together: the learnable values of a layer or a network. */
export function countElements(arrays: readonly { readonly shape: readonly number[] }[]): number {
  return arrays.reduce((total, { shape }) => total + sizeOf(shape), 0);
}
