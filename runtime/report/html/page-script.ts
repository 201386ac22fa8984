/** What the page does in a browser: draws the curves, in the colours of light or dark, as wide as there is room. */
export const pageScript = `"use strict";
(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const places = [...document.querySelectorAll("[data-chart]")];
  const shown = new Map();
  const style = () => getComputedStyle(document.documentElement);
  const colour = (name) => style().getPropertyValue("--" + name).trim();
  const short = (value) => value == null ? "" : String(Number(value.toPrecision(4)));
  const widths = { update: 1, epoch: 2, validation: 2, rate: 2 };
  const dashes = { validation: [6, 4] };
  const height = (width) => (width < 500 ? 210 : 280);

  function optionsOf(chart, width) {
    const axis = {
      stroke: colour("soft"),
      grid: { stroke: colour("line"), width: 1 },
      ticks: { stroke: colour("line"), width: 1 },
    };
    return {
      width,
      height: height(width),
      scales: { x: { time: false } },
      axes: [
        { ...axis, space: 60, values: (_, all) => all.map((one) => Number.isInteger(one) ? one.toLocaleString("en") : "") },
        { ...axis, size: 64, values: (_, all) => all.map(short) },
      ],
      series: [
        { label: "update", value: (_, one) => one == null ? "" : one.toLocaleString("en") },
        ...chart.series.map((one) => ({
          label: one.label,
          stroke: colour(one.style),
          width: widths[one.style],
          dash: dashes[one.style],
          points: { show: one.style !== "update" && one.x.length <= 60 || one.x.length === 1, size: 6, fill: colour("paper") },
          value: (_, y) => short(y),
        })),
      ],
    };
  }

  function draw(place) {
    const chart = charts[Number(place.dataset.chart)];
    shown.get(place)?.destroy();
    const data = uPlot.join(chart.series.map((one) => [one.x, one.y]));
    shown.set(place, new uPlot(optionsOf(chart, place.clientWidth), data, place));
  }

  const drawAll = () => places.forEach(draw);
  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  const resized = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const plot = shown.get(target);
      const width = target.clientWidth;
      if (plot !== undefined && width > 0 && plot.width !== width) plot.setSize({ width, height: height(width) });
    }
  });
  for (const place of places) resized.observe(place);
})();
`;
