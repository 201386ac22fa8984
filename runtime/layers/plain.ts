import { isDeepStrictEqual } from "node:util";

/** Freezes plain data (objects and arrays, nested) in place. Typed arrays cannot be frozen and stay as they are. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value) && !ArrayBuffer.isView(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}

export function deepEqual(left: unknown, right: unknown): boolean {
  return isDeepStrictEqual(left, right);
}

/** Tensors, losses and graphs by name. */
function nameOf(value: object): string | undefined {
  if (!("kind" in value)) return undefined;
  if (value.kind === "graph" && "name" in value) return `the graph "${value.name}"`;
  if (value.kind !== "tensor" && value.kind !== "scalar") return undefined;
  const layer = "layer" in value ? value.layer : undefined;
  const name = typeof layer === "object" && layer !== null && "name" in layer ? layer.name : undefined;
  return name === undefined ? undefined : `${value.kind === "tensor" ? "the tensor" : "the scalar"} "${name}"`;
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
  const text = Array.isArray(value) ? `[${value.slice(0, most).map(show).join(", ")}]` : plainText(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** More entries than fit into a message. */
const most = 30;

/** Objects one level deep: what they hold may be a whole network, whose layers JSON would repeat without end. */
function plainText(value: unknown): string {
  if (typeof value !== "object" || value === null) return safeJson(value);
  const entries = Object.entries(value).slice(0, most);
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${memberText(item)}`).join(",")}}`;
}

function memberText(item: unknown): string {
  if (typeof item !== "object" || item === null) return safeJson(item);
  return nameOf(item) ?? (Array.isArray(item) && item.every((one) => typeof one !== "object") ? safeJson(item) : "{…}");
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return `a ${typeof value}`;
  }
}
