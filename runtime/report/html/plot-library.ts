import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** A library as the page holds it. */
export interface PlotLibrary {
  readonly script: string;
  readonly style: string;
}

/**
 * uPlot (MIT), which draws the curves: 51 kB, no dependencies, fast with thousands of points. Its licence goes with it
 * into the page, as it asks.
 */
export function plotLibrary(): PlotLibrary {
  const folder = dirname(createRequire(import.meta.url).resolve("uplot/package.json"));
  const text = (file: string): string => readFileSync(join(folder, file), "utf8");
  const licence = text("LICENSE").replaceAll("*/", "* /").trim();
  // A script ends at these letters, wherever they stand; in JavaScript `<\/` means the same.
  const script = text("dist/uPlot.iife.min.js").replaceAll("</script", "<\\/script").trim();
  return { script: `/*!\n${licence}\n*/\n${script}`, style: text("dist/uPlot.min.css").trim() };
}
