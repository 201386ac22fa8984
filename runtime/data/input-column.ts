import { storedArray } from "./memory-column.js";
import type { InputPlan } from "./plan-input.js";
import { isIdentity } from "./scaling.js";
import { inSharedMemory } from "./shared.js";
import { isStored, withRowShape } from "./stored-column.js";
import type { Column } from "./types.js";

/** A column with what was planned for it. An array that is as it should be stays one, in shared memory. */
export function inputColumn({ name, column, dtype, shape, layout, scaling, augmentation }: InputPlan): Column {
  if (dtype !== "float32")
    return isStored(column) ? withRowShape(column, shape) : inSharedMemory(withRowShape(column, shape));
  const { channelsLast, resizeFrom, cropFrom } = layout;
  const asIs = isIdentity(scaling) && !channelsLast && !resizeFrom && !cropFrom && !augmentation;
  if (!isStored(column) && asIs && column.data instanceof Float32Array) {
    return inSharedMemory(withRowShape(column, shape));
  }
  const stored = isStored(column) ? column : storedArray(column, `"${name}"`);
  const moved = { channelsLast, ...(resizeFrom && { resizeFrom }), ...(cropFrom && { cropFrom }) };
  const steps = { scaling, layout: moved, ...(augmentation && { augmentation }) };
  return { ...withRowShape(stored, shape), dtype: "float32", ...(asIs ? {} : { steps }) };
}
