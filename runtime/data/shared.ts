/** Arrays that worker threads read without copying: they are backed by a SharedArrayBuffer. */

export function sharedFloat32(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}

export function sharedInt32(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
}

export function isShared(array: Float32Array | Int32Array): boolean {
  return array.buffer instanceof SharedArrayBuffer;
}
