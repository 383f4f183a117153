/** Proves that nothing of this node's data directory runs or can be started, that the VIP is gone, and where the WAL ends. */
import type { LeaseId } from '../../core/lease/lease.ts';
import type { DeathCertificate } from '../../core/model/death-certificate.ts';
import type { Lsn } from '../../core/model/lsn.ts';
import type { TimelineId } from '../../core/model/timeline.ts';
import type { DataDirectoryLock } from '../../world/postgres/data-directory-lock.ts';
import type { ProcedureContext } from '../procedures/context.ts';

/** What was last seen of the server; null = not known, then the data directory is asked. */
export interface LastSeen {
  readonly lease: LeaseId;
  readonly timeline: TimelineId | null;
  /** Any LSN that it had flushed. */
  readonly flushLsn: Lsn | null;
}

export interface ProvenDeath {
  readonly certificate: DeathCertificate;
  /** Stands; to be released only when the successor needs no WAL any more, or when this node itself starts again. */
  readonly lock: DataDirectoryLock;
  /** Seconds by part: kill, vip, lock, wal, total. */
  readonly seconds: Readonly<Record<'kill' | 'vip' | 'lock' | 'wal' | 'total', number>>;
}

/** Throws `postcondition-missing` where a process outlives SIGKILL or the VIP stays: then the lease must run out by itself. */
export function proveDeath(_context: ProcedureContext, _last: LastSeen): Promise<ProvenDeath> {
  throw new Error('not built yet');
}
