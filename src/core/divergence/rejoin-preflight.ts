/** Whether a node could be brought back as a standby if it lost its place now: judged all the time, so that it is known before the night. */
import { known, type Known } from '../model/known.ts';
import type { NodeName } from '../model/names.ts';

export const PREFLIGHT_CHECKS = [
  /** Checksums or wal_log_hints: without them pg_rewind cannot tell which pages changed. */
  'rewind_support',
  /** A page that was torn while pg_rewind copied it is mended by the full page in the WAL. */
  'full_page_writes',
  /** What pg_rewind and the account may do as the role of Primacy. */
  'grants',
  /** WAL from before a fork is still there when it is needed. */
  'wal_kept',
  /** The survivor has room for the connections of a copy. */
  'wal_senders',
  'disk_space',
  /** PostgreSQL's programs, and the file of its settings that pg_rewind is told of. */
  'programs',
  /** Every other database node that answers lets this one in for replication. */
  'replication_login',
] as const;
export type PreflightCheckName = (typeof PREFLIGHT_CHECKS)[number];

export interface PreflightCheck {
  readonly check: PreflightCheckName;
  readonly state: 'pass' | 'fail' | 'unknown';
  /** One sentence without full stop. */
  readonly reason: string;
}

/** What a server says about itself, as source or as target of a copy. */
export interface ServerReadiness {
  readonly rewindPossible: boolean;
  readonly fullPageWrites: boolean;
  /** What the role lacks, by name; empty = nothing. */
  readonly missingGrants: readonly string[];
  readonly walKeepBytes: number;
  /** All segments in pg_wal. */
  readonly walBytes: number;
  readonly freeSenders: number;
  /** Of all databases; null where only pg_rewind is wanted, for which it does not matter. */
  readonly databaseBytes: number | null;
}

export interface HostReadiness {
  /** Free on the file system of the data directory. */
  readonly freeBytes: Known<number>;
  /** Programs and files that are not there. */
  readonly missing: Known<readonly string[]>;
}

export interface PreflightFacts {
  readonly server: Known<ServerReadiness>;
  readonly host: HostReadiness;
  /** Null where the node let us in, or gave no answer at all, which is another alert's matter. */
  readonly logins: readonly { readonly node: NodeName; readonly refusal: string | null }[];
}

/** pg_basebackup uses two, a standby one. */
const SENDERS_NEEDED = 2;
/** Beside the WAL: journals, history files, pages that grow. */
const SPARE_BYTES = 268_435_456;

/** Every check in the order of `PREFLIGHT_CHECKS`. What was not seen is unknown and never passes. */
export function judgePreflight({ server, host, logins }: PreflightFacts): readonly PreflightCheck[] {
  const of = (
    name: PreflightCheckName,
    ok: (it: ServerReadiness) => boolean,
    bad: (it: ServerReadiness) => string,
  ) => judge(name, server, (it) => (ok(it) ? null : bad(it)));
  return [
    of(
      'rewind_support',
      (it) => it.rewindPossible,
      () => 'neither data checksums nor wal_log_hints are on: every rejoin needs a full copy',
    ),
    of(
      'full_page_writes',
      (it) => it.fullPageWrites,
      () => 'full_page_writes is off: pg_rewind cannot work',
    ),
    of(
      'grants',
      (it) => it.missingGrants.length === 0,
      (it) => `the role lacks ${it.missingGrants.join(', ')} (primacy setup grants it)`,
    ),
    of(
      'wal_kept',
      (it) => it.walKeepBytes > 0,
      () =>
        'wal_keep_size is 0: a checkpoint after a fork may remove the WAL that account and pg_rewind need',
    ),
    of(
      'wal_senders',
      (it) => it.freeSenders >= SENDERS_NEEDED,
      (it) => `${it.freeSenders} of max_wal_senders are free, a copy needs ${SENDERS_NEEDED}`,
    ),
    judgeSpace(server, host.freeBytes),
    judge('programs', host.missing, (it) => (it.length === 0 ? null : `not found: ${it.join(', ')}`)),
    judgeLogins(logins),
  ];
}

/** Bytes that a rejoin needs beside the data directory: twice the WAL for bundle and rewind, and the whole server for a copy. */
export function bytesNeeded(server: Pick<ServerReadiness, 'walBytes' | 'databaseBytes'>): number {
  return 2 * server.walBytes + SPARE_BYTES + (server.databaseBytes ?? 0);
}

function judgeSpace(server: Known<ServerReadiness>, free: Known<number>): PreflightCheck {
  if (server.kind === 'unknown') return judge('disk_space', server, () => null);
  const needed = bytesNeeded(server.value);
  return judge('disk_space', free, (bytes) =>
    bytes >= needed ? null : `${inMegabytes(bytes)} are free, a rejoin needs ${inMegabytes(needed)}`,
  );
}

function judgeLogins(logins: PreflightFacts['logins']): PreflightCheck {
  const refused = logins.filter((it) => it.refusal !== null);
  return judge('replication_login', known(refused), (it) =>
    it.length === 0 ? null : it.map(({ node, refusal }) => `${node}: ${refusal ?? ''}`).join('; '),
  );
}

function judge<T>(
  check: PreflightCheckName,
  fact: Known<T>,
  complaint: (value: T) => string | null,
): PreflightCheck {
  if (fact.kind === 'unknown') return { check, state: 'unknown', reason: fact.reason };
  const reason = complaint(fact.value);
  return reason === null ? { check, state: 'pass', reason: '' } : { check, state: 'fail', reason };
}

/** For people: `1536 MB`. */
export function inMegabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`;
}
