import type { SourceRef } from "../../../runtime/errors.js";
import { nearestName } from "../../source/nearest.js";
import { layerTypes } from "../layers/index.js";
import { forkOf, unsupportedTypes } from "../layers/known-types.js";
import type { CaffeLayer } from "../layers/types.js";
import type { LayerReport } from "./layer-report.js";

/** Reports a type that is not in the layer table: Caffe's, a fork's, or a misspelt one. */
export function reportType(report: LayerReport): void {
  const { type, typeAt } = report.layer;
  if (type === "") {
    report.problem("CAFFE_FIELD_MISSING", "it has no type", { hint: `types: ${layerTypes.join(", ")}` });
    return;
  }
  if (unsupportedTypes.has(type)) {
    const message = `its type "${type}" is known to Caffe but not supported yet`;
    report.problem("CAFFE_LAYER_UNSUPPORTED", message, { at: typeAt, hint: `supported: ${layerTypes.join(", ")}` });
    return;
  }
  const fork = forkOf(type);
  if (fork !== undefined) {
    const message = `its type "${type}" comes from a fork of Caffe (${fork}) and is not supported`;
    report.problem("CAFFE_LAYER_UNSUPPORTED", message, { at: typeAt });
    return;
  }
  const nearest = nearestName(type, [...layerTypes, ...unsupportedTypes]);
  const hint = nearest === undefined ? `supported: ${layerTypes.join(", ")}` : `the nearest known type is "${nearest}"`;
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

/** A parameter that is meant for another type has no effect in Caffe either. */
function noteForeignParameters(report: LayerReport, row: CaffeLayer): void {
  const { settings, type } = report.layer;
  const foreign = settings.given.filter((field) => field.endsWith("_param") && !row.parameters.includes(field));
  report.ignore(settings, foreign, `a ${type} layer does not read it`);
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
    const at = { at: settings.at("loss_weight", index) };
    if (!Number.isFinite(weight)) report.problem("CAFFE_FIELD_INVALID", `its loss_weight is ${weight}`, at);
    else if (weight !== 0 && !(row.isLoss && index === 0)) {
      const what = `its loss_weight ${weight} makes top "${tops[index]?.name}" a loss`;
      report.problem("CAFFE_FIELD_UNSUPPORTED", `${what}, which only loss layers may be here`, at);
    }
  }
}

/** Fields of any layer that would change the numbers, or that have no effect here. */
function checkCommonFields(report: LayerReport): void {
  const { settings, type, include, exclude } = report.layer;
  const at = (field: string): { readonly at: SourceRef } => ({ at: settings.at(field) });
  if (include.length > 0 && exclude.length > 0) {
    report.problem("CAFFE_FIELD_INVALID", "it has include and exclude rules, expected one kind", at("exclude"));
  }
  if (settings.has("blobs")) {
    report.problem("CAFFE_FIELD_UNSUPPORTED", "it has blobs: weights in a prototxt are not supported", at("blobs"));
  }
  if (settings.type.name !== "LayerParameter") return;
  const cut = settings.booleans("propagate_down").indexOf(false);
  if (cut >= 0) {
    const message = "its propagate_down is false, which stops gradients; that is not supported yet";
    report.problem("CAFFE_FIELD_UNSUPPORTED", message, { at: settings.at("propagate_down", cut) });
  }
  if (!settings.has("phase")) return;
  if (type === "Dropout") {
    const message = "its own phase changes what Dropout does, which is not supported";
    report.problem("CAFFE_FIELD_UNSUPPORTED", message, {
      ...at("phase"),
      hint: "to keep a layer out of a phase, use include",
    });
  } else report.ignore(settings, ["phase"], "it does not keep the layer out of a phase; include does");
}

/** What holds for layers of every type. */
export function checkCommonRules(report: LayerReport, row: CaffeLayer): void {
  checkCount(report, "bottoms", row.bottoms);
  checkCount(report, "tops", row.tops);
  checkLossWeights(report, row);
  checkCommonFields(report);
  noteForeignParameters(report, row);
  const { parameters } = report.layer;
  if (row.learns !== true && parameters.length > 0) {
    report.problem("CAFFE_FIELD_INVALID", `it has ${parameters.length} param entries and nothing to learn`, {
      at: parameters[0]?.at ?? report.layer.at,
    });
  }
}
