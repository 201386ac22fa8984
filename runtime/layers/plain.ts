import { isDeepStrictEqual } from "node:util";

/** Freezes plain data (objects and arrays, nested) in place. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}

export function deepEqual(left: unknown, right: unknown): boolean {
  return isDeepStrictEqual(left, right);
}

function nameOf(value: object): string | undefined {
  return "kind" in value && value.kind === "tensor" && "name" in value ? `the tensor "${value.name}"` : undefined;
}

/** A value for an error message, at most 60 characters. */
export function show(value: unknown): string {
  if (typeof value === "function") return `a function`;
  if (typeof value === "number" || value === undefined) return String(value);
  if (typeof value === "object" && value !== null) {
    const name = nameOf(value);
    if (name !== undefined) return name;
    if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype)
      return `a ${value.constructor?.name}`;
  }
  const text = Array.isArray(value) ? `[${value.map(show).join(", ")}]` : safeJson(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return `a ${typeof value}`;
  }
}
