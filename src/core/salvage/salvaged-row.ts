/** One row of a salvage bundle, as `primacy salvage rows --json` shows it. */

/** Values as PostgreSQL writes them as text, by column; null is SQL's null. */
export type RowValues = Readonly<Record<string, string | null>>;

/** `file` is pg_class.relfilenode; a place says nothing about a table that has another one by now. */
export interface SalvagedPlace {
  readonly file: number;
  readonly block: number;
  readonly offset: number;
}

export interface SalvagedRow {
  readonly bundle: string;
  readonly database: string;
  /** `schema.table`, quoted where SQL needs it. */
  readonly relation: string;
  readonly action: 'insert' | 'update' | 'delete';
  /** The row at the fork; null where there was none, or where neither side has it any more. */
  readonly before: RowValues | null;
  /** The row at the end; null where it was deleted. */
  readonly after: RowValues | null;
  readonly xid: number;
  /** When it was committed, RFC 3339; null where the WAL that was read does not tell. */
  readonly at: string | null;
  /** Where the row of the fork lies, or lay: block and line pointer, in the file that the table had at the fork; null for an insert. */
  readonly place: SalvagedPlace | null;
  /** Columns with long values that were not changed: they are in neither `before` nor `after`. */
  readonly unchanged?: readonly string[];
  /** Why a deleted row's values are missing. */
  readonly missing?: string;
}

/** Unchanged values longer than this stay out of an update, so that a bundle is not larger than what was changed. */
export const LONG_VALUE = 2_000;

/** The row without its long values that are the same before and after. */
export function withoutUnchanged(row: SalvagedRow): SalvagedRow {
  const { before, after } = row;
  if (before === null || after === null) return row;
  const unchanged = Object.keys(after).filter((name) => {
    const value = after[name] ?? null;
    return value !== null && value.length > LONG_VALUE && before[name] === value;
  });
  if (unchanged.length === 0) return row;
  const rest = (values: RowValues): RowValues =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !unchanged.includes(name)));
  return { ...row, before: rest(before), after: rest(after), unchanged };
}

/** `schema.name` as people and `regclass` read it: quoted where it is not plain. */
export function qualifiedName(schema: string, name: string): string {
  const plain = (part: string): string => (/^[a-z_][a-z0-9_]*$/.test(part) ? part : quoted(part));
  return `${plain(schema)}.${plain(name)}`;
}

/** The same for a statement, where a plain name may be a reserved word. */
export function quotedName(schema: string, name: string): string {
  return `${quoted(schema)}.${quoted(name)}`;
}

/** A name in quotes (PostgreSQL manual, section 4.1.1). */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
