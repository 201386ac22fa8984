import type { ParamservOptions } from "../../../runtime/paramserv/types.js";

type OptionOf<Name extends keyof ParamservOptions> = NonNullable<ParamservOptions[Name]>;

/** What {@link emitTypescript} is told beside the model. */
export interface EmitOptions {
  /** What package.json asks npm for under the name `paramserv`: `^0.1.0`, or `file:../..` for a directory. */
  readonly runtime: string;
  /** What `npm start` trains on without `--data`, from the package's directory. Default: `--data` is required. */
  readonly dataFile?: string;
  /** The file of the labels, where {@link dataFile} does not hold them. */
  readonly labels?: string;
  /** Default: what the solver says, else 10. */
  readonly epochs?: number;
  /** Rows in a batch of one worker. Default: the model's batch (else 64 rows) is shared by the workers. */
  readonly batchsize?: number;
  /** Workers. Default: the cores of the machine that the package runs on. */
  readonly k?: number;
  /** Default "BSP". */
  readonly utype?: OptionOf<"utype">;
  /** Default "BATCH". */
  readonly freq?: OptionOf<"freq">;
  /** Default "DISJOINT_RANDOM". */
  readonly scheme?: OptionOf<"scheme">;
  /** Default "mean". */
  readonly aggregation?: OptionOf<"aggregation">;
  /** Default true. */
  readonly reshuffle?: boolean;
  /** Default: the solver's, else 0. */
  readonly seed?: number;
  /** Share of the rows kept for validation. Default 0.2; 0 where a solver file asks for no validation. */
  readonly validation?: number;
}
