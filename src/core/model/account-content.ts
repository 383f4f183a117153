/** What the discarded transactions did, in words that a person knows: relations by name, changed definitions, and what no bundle can hold. */

/** Row changes of one relation, as often as rows were changed; the rows themselves are in the bundle once, as they were at the end. */
export interface RelationChanges {
  readonly database: string;
  readonly schema: string;
  readonly name: string;
  readonly inserts: number;
  readonly updates: number;
  readonly deletes: number;
  /** Changes of its TOAST table: parts of long values, no rows of their own. */
  readonly toast: number;
  /** The partitioned table it belongs to, as `schema.name`; null where it is no partition. */
  readonly partitionOf: string | null;
  /** Rows the bundle holds of it. */
  readonly rows: { readonly insert: number; readonly update: number; readonly delete: number };
}

export interface DefinitionChange {
  readonly database: string;
  readonly change: 'created' | 'altered' | 'dropped' | 'rewritten';
  /** As PostgreSQL calls it: `table`, `index`, `function`, `role`… */
  readonly type: string;
  /** As PostgreSQL writes it, quoted where it must be. */
  readonly identity: string;
}

export interface ChangedSequence {
  readonly database: string;
  readonly schema: string;
  readonly name: string;
  /** A number that may be greater than the last one given out, never smaller. */
  readonly lastValue: string;
}

export interface AccountContent {
  /** First and last commit of a client, RFC 3339; null where none was committed. */
  readonly firstCommit: string | null;
  readonly lastCommit: string | null;
  readonly relations: readonly RelationChanges[];
  readonly definitions: readonly DefinitionChange[];
  readonly sequences: readonly ChangedSequence[];
  readonly prepared: readonly { readonly gid: string; readonly xid: number; readonly at: string }[];
  /** Rows that were inserted and deleted again after the fork: nothing of them is left, and nothing is missing. */
  readonly insertedAndDeleted: number;
  /** One sentence for each thing that the rows of the bundle do not hold. */
  readonly notRecovered: readonly string[];
}
