import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportHtml } from "../../runtime/report/html/report-html.js";
import { temporaryDirectory } from "../data/files.js";
import { findBrowser, openBrowser } from "./browser.js";
import { hostile, reported } from "./reports.js";

const executable = findBrowser();
const without = executable === undefined ? " (skipped: no chromium on PATH, none in PARAMSERV_CHROMIUM)" : "";

describe.skipIf(executable === undefined)(`a report in a browser${without}`, () => {
  const { path: root } = temporaryDirectory();
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser(executable ?? "");
  });
  afterAll(() => browser?.close());

  interface Opened {
    readonly page: Page;
    /** Errors of the console and of scripts, and what was asked for beside the file. */
    readonly wrong: string[];
  }

  async function open(html: string, options: Parameters<Browser["newPage"]>[0]): Promise<Opened> {
    const file = join(root, "report.html");
    writeFileSync(file, html);
    const url = pathToFileURL(file).href;
    const page = await browser.newPage(options);
    const wrong: string[] = [];
    page.on("console", (message) => wrong.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => wrong.push(String(error)));
    page.on("dialog", (dialog) => wrong.push(`dialog: ${dialog.message()}`));
    page.on("request", (request) => {
      if (request.url() !== url && !request.url().startsWith("data:")) wrong.push(`request: ${request.url()}`);
    });
    await page.goto(url);
    return { page, wrong };
  }

  interface Looks {
    /** Pixels of each chart that are drawn. */
    readonly drawn: readonly number[];
    /** Pixels by which the page is wider than the window. */
    readonly overflow: number;
    readonly paper: string;
    /** Images that did not load. */
    readonly broken: number;
  }

  // Code of the page is text here: this program knows no DOM.
  const looks = (page: Page) =>
    page.evaluate<Looks>(`({
      drawn: [...document.querySelectorAll("canvas")].map((canvas) => {
        const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        return pixels.filter((value, index) => index % 4 === 3 && value > 0).length;
      }),
      overflow: document.documentElement.scrollWidth - innerWidth,
      paper: getComputedStyle(document.body).backgroundColor,
      broken: [...document.images].filter((image) => !image.complete || image.naturalWidth === 0).length,
    })`);

  for (const width of [400, 1400]) {
    it(`draws its charts ${width} pixels wide, asks for nothing, and is dark where that is wanted`, async () => {
      const viewport = { width, height: 900 };
      const papers: string[] = [];
      for (const colorScheme of ["light", "dark"] as const) {
        const { page, wrong } = await open(reportHtml(reported()), { viewport, colorScheme });
        const { drawn, overflow, paper, broken } = await looks(page);
        expect(drawn).toHaveLength(3);
        for (const count of drawn) expect(count).toBeGreaterThan(2000);
        expect({ overflow, broken, wrong }).toEqual({ overflow: 0, broken: 0, wrong: [] });
        papers.push(paper);
        await page.close();
      }
      expect(papers).toEqual(["rgb(255, 255, 255)", "rgb(13, 17, 23)"]);
    });
  }

  it("draws again when the window or the colours change", async () => {
    const { page, wrong } = await open(reportHtml(reported()), { viewport: { width: 1400, height: 900 } });
    const widths = () =>
      page.evaluate<number[]>("[...document.querySelectorAll('canvas')].map(({ clientWidth }) => clientWidth)");
    await page.evaluate("globalThis.before = document.querySelector('canvas').toDataURL()");
    await page.emulateMedia({ colorScheme: "dark" });
    await page.waitForFunction("document.querySelector('canvas').toDataURL() !== globalThis.before");
    await page.setViewportSize({ width: 400, height: 900 });
    await page.waitForFunction("document.querySelector('canvas').clientWidth < 400");
    expect(Math.max(...(await widths()))).toBeLessThan(400);
    expect((await looks(page)).overflow).toBe(0);
    expect(wrong).toEqual([]);
    await page.close();
  });

  it("shows hostile names as what they are", async () => {
    for (const width of [400, 1400]) {
      const { page, wrong } = await open(reportHtml(hostile()), { viewport: { width, height: 900 } });
      // What a name tries would be done by now.
      await page.waitForTimeout(100);
      const state = await page.evaluate(`({
        title: document.querySelector("h1").textContent,
        taken: "taken" in globalThis,
        scripts: document.scripts.length,
        images: document.images.length,
      })`);
      expect(state).toEqual({ title: hostile().network, taken: false, scripts: 3, images: 1 });
      expect((await looks(page)).overflow).toBe(0);
      expect(wrong).toEqual([]);
      await page.close();
    }
  });

  it("can be read without its script", async () => {
    const { page, wrong } = await open(reportHtml(reported()), { javaScriptEnabled: false });
    const text = await page.locator("body").innerText();
    for (const words of ["switched off", "0.4000", "computing", "DISJOINT_RANDOM"]) expect(text).toContain(words);
    expect(wrong).toEqual([]);
    await page.close();
  });
});
