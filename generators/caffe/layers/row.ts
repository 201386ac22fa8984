import { decodeFields, silent } from "../../source/fields/decode.js";
import type { FieldReport, FieldRules, MessageRules, Settings } from "../../source/fields/field.js";
import type { LayerDefinition } from "../net/definition.js";
import type { CaffeLayer, DataFacts, LayerContext, MakeTops } from "./types.js";

type Parameters = Readonly<Record<string, MessageRules>>;

/** The decoded settings of each typed parameter of a layer. */
export type ParameterSettings<Table extends Parameters> = {
  readonly [Key in keyof Table]: Settings<Table[Key]["fields"]>;
};

interface Row<Table extends Parameters> extends Omit<CaffeLayer, "parameters" | "read" | "facts"> {
  readonly parameters: Table;
  /** Returns what builds the layer from its decoded settings. */
  make(settings: ParameterSettings<Table>, context: LayerContext): MakeTops;
  facts?(settings: ParameterSettings<Table>): DataFacts;
}

/** A row of the layer table from its data: the rules of its parameters, and what builds it from their settings. */
export function caffeLayer<const Table extends Parameters>({ make, facts, ...row }: Row<Table>): CaffeLayer {
  const { parameters } = row;
  return {
    ...row,
    read: (context) => {
      const settings = decodeParameters(parameters, context.layer, context.fields);
      return settings && make(settings, context);
    },
    ...(facts === undefined ? {} : { facts: (layer) => factsOf(decodeParameters(parameters, layer, silent), facts) }),
  };
}

function factsOf<Decoded>(settings: Decoded | undefined, facts: (settings: Decoded) => DataFacts) {
  return settings && facts(settings);
}

function decodeParameters<Table extends Parameters>(
  parameters: Table,
  { settings }: LayerDefinition,
  report: FieldReport,
): ParameterSettings<Table> | undefined {
  const decoded = Object.entries(parameters).map(([name, rules]) => {
    return [name, decodeFields(settings.messageOrDefaults(name), rules as FieldRules, report)] as const;
  });
  if (decoded.some(([, values]) => values === undefined)) return undefined;
  return Object.fromEntries(decoded) as ParameterSettings<Table>;
}
