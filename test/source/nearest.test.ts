import { describe, expect, test } from "vitest";
import { nearestName } from "../../runtime/nearest.js";

describe("the nearest name", () => {
  test.each([
    ["Convolutoin", "Convolution"],
    ["convolution", "Convolution"],
    ["kernelsize", "kernel_size"],
    ["Poolng", "Pooling"],
    ["ReLu", "ReLU"],
  ])("of %s is %s", (name, wanted) => {
    expect(nearestName(name, ["Convolution", "kernel_size", "Pooling", "ReLU"])).toBe(wanted);
  });

  test("is none where nothing is near or the name is very long", () => {
    expect(nearestName("Transformer", ["Convolution", "ReLU"])).toBeUndefined();
    expect(nearestName("x".repeat(1e6), ["Convolution"])).toBeUndefined();
  });
});
