import type { Statistics } from "../../paramserv/statistics/types.js";
import type { KeptWeights, ParamservResult, ResolvedOptions } from "../../paramserv/types.js";
import type { JsonCurvePoint, JsonEpochEvent, JsonMeans } from "../events.js";

/** Rows of files, as a person reads it. */
export interface ReportRows {
  readonly name: string;
  readonly text: string;
}

/** What a report shows: all of it stands in a result folder. What a folder of an older version lacks is left out. */
export interface ReportData {
  readonly network: string;
  /** The model files that the network came from. */
  readonly sources: readonly string[];
  /** The version that trained it. */
  readonly paramserv: string;
  readonly status: ParamservResult["status"];
  readonly kept: Omit<KeptWeights, "validation"> & { readonly validation?: JsonMeans };
  readonly options: ResolvedOptions;
  /** sha-256 of the training program's graphs. */
  readonly program?: string | undefined;
  /** Where the rows are from that were learned from and validated with. */
  readonly rows: readonly ReportRows[];
  readonly epochs: readonly JsonEpochEvent[];
  readonly curve: readonly JsonCurvePoint[];
  readonly statistics?: Statistics | undefined;
  /** The network as an SVG drawing. */
  readonly picture?: string | undefined;
}
