import { nearestName } from "../../../runtime/nearest.js";
import { decodeFields } from "../../source/fields/decode.js";
import { layerTypes, unbuiltNamed, unsupportedTypes } from "../layers/index.js";
import type { CaffeLayer } from "../layers/types.js";
import type { LayerReport } from "./layer-report.js";
import { layerRules } from "./layer-rules.js";

const typesHint = "docs/support.md lists the types that are";

/** Reports a type that is not in the layer table: Caffe's, a fork's, or a misspelt one. */
export function reportType(report: LayerReport): void {
  const { type, typeAt } = report.layer;
  if (type === "") {
    report.problem("CAFFE_FIELD_MISSING", "it has no type", { hint: typesHint });
    return;
  }
  const unbuilt = unbuiltNamed(type);
  if (unbuilt !== undefined && unbuilt.fork === undefined) {
    const message = `its type "${type}" is known to Caffe but not supported yet: ${unbuilt.because}`;
    report.problem("CAFFE_LAYER_UNSUPPORTED", message, { at: typeAt, hint: typesHint });
    return;
  }
  if (unbuilt !== undefined) {
    const message = `its type "${type}" comes from a fork of Caffe (${unbuilt.fork}) and is not supported`;
    report.problem("CAFFE_LAYER_UNSUPPORTED", message, { at: typeAt });
    return;
  }
  const nearest = nearestName(type, [...layerTypes, ...unsupportedTypes]);
  const hint = nearest === undefined ? typesHint : `the nearest known type is "${nearest}"`;
  report.problem("CAFFE_LAYER_UNKNOWN", `its type "${type}" is not one of Caffe's`, { at: typeAt, hint });
}

function checkCount(report: LayerReport, what: "bottoms" | "tops", [least, most]: readonly [number, number]): void {
  const blobs = report.layer[what];
  if (blobs.length >= least && blobs.length <= most) return;
  const limits =
    most === Number.POSITIVE_INFINITY ? `at least ${least}` : least === most ? least : `${least} to ${most}`;
  const extra = blobs[most];
  report.problem("CAFFE_BOTTOM_COUNT", `it has ${blobs.length} ${what}, expected ${limits}`, extra && { at: extra.at });
}

function checkLossWeights(report: LayerReport, row: CaffeLayer): void {
  const { layer } = report;
  const { lossWeights, settings, tops } = layer;
  if (lossWeights.length === 0) return;
  if (lossWeights.length !== Math.max(tops.length, row.isLoss ? 1 : 0)) {
    const message = `it has ${lossWeights.length} loss_weight values and ${tops.length} tops, expected one for each top`;
    report.problem("CAFFE_FIELD_INVALID", message, { at: settings.at("loss_weight") });
  }
  for (const [index, weight] of lossWeights.entries()) {
    if (!Number.isFinite(weight) || weight === 0 || (row.isLoss && index === 0)) continue;
    const what = `its loss_weight ${weight} makes top "${tops[index]?.name}" a loss`;
    const at = settings.at("loss_weight", index);
    report.problem("CAFFE_FIELD_UNSUPPORTED", `${what}, which only loss layers may be here`, { at });
  }
}

/** What holds for layers of every type. */
export function checkCommonRules(report: LayerReport, row: CaffeLayer): void {
  checkCount(report, "bottoms", row.bottoms);
  checkCount(report, "tops", row.tops);
  checkLossWeights(report, row);
  const { parameters, settings, include, exclude } = report.layer;
  decodeFields(settings, layerRules(report.layer, row), report.fields);
  if (include.length > 0 && exclude.length > 0) {
    const message = "it has include and exclude rules, expected one kind";
    report.problem("CAFFE_FIELD_INVALID", message, { at: settings.at("exclude") });
  }
  if (row.learns !== true && parameters.length > 0) {
    report.problem("CAFFE_FIELD_INVALID", `it has ${parameters.length} param entries and nothing to learn`, {
      at: parameters[0]?.at ?? report.layer.at,
    });
  }
}
