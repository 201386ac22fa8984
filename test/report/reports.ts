import type { ReportData } from "../../runtime/report/html/report-data.js";
import { curveLine, epochEvent } from "../../runtime/report/json.js";
import { result, worker } from "./runs.js";

const drawing =
  '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="60"><rect width="900" height="60" fill="#0072b2"/></svg>';

/** What is reported of a finished run, accuracy among its metrics. */
export function reported(changes: Partial<ReportData> = {}): ReportData {
  const { status, epochs, statistics, run } = result();
  const points = Array.from({ length: 46 }, (_, index) => ({
    updates: index + 1,
    learning_rate: 0.01 / (1 + index),
    train: { loss: 2 / (1 + index), accuracy: index / 46 },
  }));
  return {
    network: "LeNet",
    sources: ["lenet.prototxt"],
    paramserv: "0.1.0",
    status,
    kept: run.kept,
    options: run.options,
    program: "80ec425d567afdd0e2900411f2a4c01a17a6ed3b4018500ada46a48cbd088ea1",
    rows: [{ name: "training rows", text: "1,437 of 1,797 rows of digits.npz" }],
    epochs: epochs.map(epochEvent),
    curve: points.map(curveLine),
    statistics,
    picture: drawing,
    ...changes,
  };
}

const attack = `</script><script>taken=1</script><img src=x onerror="taken=1">'"&lt;\u202e`;

/** A run whose every text is an attack. */
export function hostile(): ReportData {
  const { options, epochs, curve } = reported();
  const metric = { [attack]: 0.5, ["__proto__"]: 0.25 };
  return reported({
    network: attack.replace("\u202e", ""),
    sources: [attack],
    paramserv: attack,
    program: attack,
    options: { ...options, [attack]: attack, upd: attack, hyperparams: { [attack]: attack } } as ReportData["options"],
    rows: [{ name: attack, text: attack }],
    epochs: epochs.map((epoch) => ({ ...epoch, train: { ...epoch.train, ...metric } })),
    curve: curve.map((point) => ({ ...point, train: { ...point.train, ...metric } })),
    picture: `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="taken=1"><script>taken=1</script></svg>`,
  });
}

/** A run of many workers with stale and dropped pushes. */
export function stale(count: number): ReportData {
  const { statistics } = result();
  const staleness = [5, ...new Array<number>(15).fill(0), 3];
  const by_worker = Array.from({ length: count }, (_, index) => worker(index, { staleness, dropped: 1 }));
  return reported({ statistics: { ...statistics, by_worker, max_staleness: 40, dropped_pushes: count } });
}
