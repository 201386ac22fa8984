import type { Column, DataColumns, Dataset } from "../data/types.js";
import type { ErrorCode, Problem } from "../errors.js";
import type { Feed, TrainingProgram } from "../program/types.js";
import { columnProblems, type DataFeed, type Subject, subjectOf } from "./column-check.js";

/** The values of the named lengths of a program, other than the batch. */
export type Lengths = Readonly<Record<string, number>>;

type Kind = "features" | "labels";

/** Data as the options have them. */
export type GivenData = Readonly<Record<Kind, Column | DataColumns | undefined>>;

/** How the options have them: user functions are given them the same way. */
export type GivenAs = Readonly<Record<Kind, "array" | "columns">>;

/** A column and the feed that takes it. */
export interface BoundColumn {
  readonly column: Column;
  readonly subject: Subject;
  readonly feed: DataFeed | undefined;
}

export interface BoundData {
  /** Columns by the names of the program's feeds. */
  readonly dataset: Dataset;
  readonly columns: readonly BoundColumn[];
  readonly rows: number;
  readonly lengths: Lengths;
  /** Everything in which the data do not fit each other or the program. */
  readonly problems: readonly Problem[];
}

/**
 * Gives each feed of a program its column: a single array goes to the only feed of its kind, a record goes by name. Where
 * no program takes them, the columns keep their names, and a single array is called as its kind.
 *
 * @param prefix `val_` for the data to validate with
 */
export function bindData(given: GivenData, prefix: "" | "val_", program: TrainingProgram | undefined): BoundData {
  const lengths: Record<string, number> = {};
  const problems: Problem[] = [];
  const bind = (kind: Kind): DataColumns => {
    const bound = bindColumns({ given: given[kind], kind, name: `${prefix}${kind}`, program });
    problems.push(...bound.problems);
    return bound.columns;
  };
  const dataset = { features: bind("features"), labels: bind("labels") };
  const columns = (["features", "labels"] as const).flatMap((kind) =>
    Object.entries(dataset[kind]).map(([name, column]): BoundColumn => {
      const isOnly = isArray(given[kind]);
      const subject = subjectOf(`${prefix}${kind}`, isOnly ? undefined : name);
      return { column, subject, feed: feedsOf(program, kind).find((feed) => feed.name === name) };
    }),
  );
  const [first, ...others] = columns;
  const rows = first?.column.shape[0] ?? 0;
  for (const { column, subject } of others) {
    if (first === undefined || column.shape[0] === rows) continue;
    const message = `${first.subject.has} ${rows} rows and ${subject.name} ${column.shape[0]}; expected as many`;
    problems.push({ code: "DATA_ROWS_MISMATCH", message });
  }
  for (const { column, subject, feed } of columns) {
    if (feed !== undefined) problems.push(...columnProblems(column, subject, feed, lengths));
  }
  return { dataset, columns, rows, lengths, problems };
}

/** Whether data are a single column, not columns by name. */
export function isArray(given: Column | DataColumns | undefined): given is Column {
  return given !== undefined && Array.isArray(given.shape);
}

function feedsOf(program: TrainingProgram | undefined, kind: Kind): readonly DataFeed[] {
  return (program?.feeds ?? []).filter((feed: Feed): feed is DataFeed => feed.kind === kind);
}

interface Binding {
  readonly given: Column | DataColumns | undefined;
  readonly kind: Kind;
  /** In messages: `val_labels`. */
  readonly name: string;
  readonly program: TrainingProgram | undefined;
}

function bindColumns({ given, kind, name, program }: Binding): {
  readonly columns: DataColumns;
  readonly problems: readonly Problem[];
} {
  const feeds = feedsOf(program, kind).map((feed) => feed.name);
  const wrong = (code: ErrorCode, message: string) => ({ columns: {}, problems: [{ code, message }] });
  const takes = `network "${program?.name}" takes ${feeds.length === 0 ? "none" : feeds.join(", ")}`;
  if (given === undefined) {
    return feeds.length === 0
      ? { columns: {}, problems: [] }
      : wrong("PARAMSERV_OPTION_MISSING", `option ${name} is missing; ${takes}`);
  }
  if (!isArray(given)) {
    const problems = program === undefined ? [] : nameProblems(given, feeds, name, takes);
    return { columns: given, problems };
  }
  if (program === undefined) return { columns: { [kind]: given }, problems: [] };
  const [only] = feeds;
  if (only !== undefined && feeds.length === 1) return { columns: { [only]: given }, problems: [] };
  const record = feeds.length === 0 ? "" : `; give { ${feeds.map((feed) => `${feed}: …`).join(", ")} }`;
  return wrong("PARAMSERV_OPTION_INVALID", `${name} are one array; ${takes}${record}`);
}

function nameProblems(columns: DataColumns, feeds: readonly string[], name: string, takes: string): readonly Problem[] {
  const missing = feeds.filter((feed) => !Object.hasOwn(columns, feed));
  const unknown = Object.keys(columns).filter((column) => !feeds.includes(column));
  return [
    ...missing.map((feed): Problem => {
      return { code: "DATA_ARRAY_MISSING", message: `${name} have no array "${feed}"; ${takes}` };
    }),
    ...unknown.map((column): Problem => {
      return { code: "PARAMSERV_OPTION_INVALID", message: `${name} have an array "${column}"; ${takes}` };
    }),
  ];
}
