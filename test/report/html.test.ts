import { describe, expect, it } from "vitest";
import { chartsOf, metricNames } from "../../runtime/report/html/charts.js";
import { reportHtml } from "../../runtime/report/html/report-html.js";
import { optionEntries, statusText, tiles } from "../../runtime/report/html/sections.js";
import { hostile, reported, stale } from "./reports.js";

const count = (text: string, part: string | RegExp): number => text.split(part).length - 1;

describe("the charts of a report", () => {
  it("are one a loss or metric, the total loss first, and the learning rate", () => {
    const charts = chartsOf(reported());
    expect(charts.map(({ title }) => title)).toEqual(["loss", "accuracy", "learning rate"]);
    expect(charts.map(({ series }) => series.map(({ label, x }) => [label, x.length]))).toEqual([
      [
        ["training, by update", 46],
        ["training, by epoch", 2],
        ["validation", 2],
      ],
      [
        ["training, by update", 46],
        ["validation", 2],
      ],
      [["learning rate", 46]],
    ]);
    expect(charts[0]?.series[2]).toMatchObject({ x: [23, 46], y: [0.4, 0.2] });
    expect(charts[2]?.series[0]?.y.slice(0, 2)).toEqual([0.01, 0.005]);
  });

  it("keep numbers that are not finite as gaps, and rise in updates", () => {
    const curve = [
      { updates: 3, train: { loss: 1 } },
      { updates: 2, train: { loss: null } },
      { updates: 3, train: { loss: 2 } },
    ];
    expect(chartsOf(reported({ curve, epochs: [] }))).toEqual([
      { title: "loss", series: [{ label: "training, by update", style: "update", x: [2, 3], y: [null, 2] }] },
    ]);
  });

  it("take learning rates from the epochs where a result has no curve", () => {
    const rate = chartsOf(reported({ curve: [] })).at(-1);
    expect(rate).toMatchObject({ title: "learning rate", series: [{ x: [23, 46], y: [0.01, 0.005] }] });
  });

  it("are twelve metrics at most; the table has all", () => {
    const train = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`m${index}`, index / 30]));
    const data = reported({ curve: [{ updates: 1, train }], epochs: [] });
    expect(chartsOf(data)).toHaveLength(12);
    expect(metricNames(data)).toHaveLength(30);
  });
});

describe("a report", () => {
  it("has the figures, rows, options and the origin of the run in its text", () => {
    const html = reportHtml(reported());
    for (const text of [
      "Trained 2 epochs.",
      "0.1000",
      "0.9700",
      "1,150 samples/s",
      "DISJOINT_RANDOM",
      "lenet.prototxt",
    ]) {
      expect(html).toContain(text);
    }
    expect(html).toContain("1,437 of 1,797 rows of digits.npz");
    expect(html).toContain("The MIT License (MIT)");
    expect(html).not.toMatch(/(?:src|href)="(?!data:)/);
    expect(html).toBe(reportHtml(reported()));
  });

  it("of a run that was stopped tells what was kept, with its own figures", () => {
    const kept = { update: 30, updates: 46, epoch: 2, validation: { loss: 0.125 } };
    const data = reported({ status: "aborted", kept, epochs: reported().epochs.slice(0, 1) });
    expect(statusText(data)).toBe("Stopped after 1 of 2 epochs; kept the weights of update 30 of 46.");
    expect(tiles(data)[0]).toEqual(["validation loss", "0.1250"]);
  });

  it("of an older result does without curve, statistics and picture", () => {
    const html = reportHtml(reported({ curve: [], statistics: undefined, picture: undefined }));
    for (const heading of ["Time of the workers", "Staleness", "Counts", "Network"]) {
      expect(html).not.toContain(`<h2>${heading}</h2>`);
    }
    expect(html).toContain("<h2>Curves</h2>");
  });

  it("of a run that never learned has no script at all", () => {
    const html = reportHtml(reported({ curve: [], epochs: [] }));
    expect(html).not.toContain("<script");
    expect(html).not.toContain("<h2>Curves</h2>");
  });

  it("tells options with parts part by part", () => {
    const { options } = reported();
    const agg = { kind: "optimizer", type: "sgd", options: { momentum: 0.9, nesterov: false } };
    expect(optionEntries(reported({ options: { ...options, agg } as unknown as typeof options }))).toEqual(
      expect.arrayContaining([
        ["agg.type", "sgd"],
        ["agg.options.momentum", "0.9"],
        ["agg.options.nesterov", "false"],
        ["utype", "BSP"],
        ["reshuffle", "true"],
      ]),
    );
  });

  it("has a bar a worker as long as its time, and bars of staleness; of very many the first", () => {
    const html = reportHtml(stale(3));
    // Of 3.0 s all are as long; 2.5 s are computing.
    expect(html).toContain('<span class="part compute" style="width:83.33%" title="computing 2.50 s">');
    expect(html).toContain('<span class="label">16+</span>');
    expect(html).toContain('aria-label="16+ updates: 9 pushes"><span class="part count" style="width:60.00%">');
    expect(count(html, 'aria-label="worker ')).toBe(3);
    const many = reportHtml(stale(100));
    expect(count(many, 'aria-label="worker ')).toBe(64);
    expect(many).toContain("and 36 more in the table");
    expect(count(many, /<tr><th scope="row">\d+<\/th>/)).toBe(100 + 2);
  });

  it("lets no name out of its place", () => {
    const html = reportHtml(hostile());
    expect(html).not.toContain("<script>taken");
    expect(html).not.toContain("<img src=x");
    expect(html).not.toContain("\u202e");
    expect(count(html, "</script>")).toBe(3);
  });
});
