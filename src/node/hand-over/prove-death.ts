/** Proves that nothing of this node's data directory runs or can be started, that the VIP is gone, and where the WAL ends. */
import { WAL_PAGE_BYTES } from '../../core/divergence/wal-position.ts';
import type { LeaseId } from '../../core/lease/lease.ts';
import type { DeathCertificate } from '../../core/model/death-certificate.ts';
import type { Known } from '../../core/model/known.ts';
import { formatLsn, type Lsn } from '../../core/model/lsn.ts';
import type { ClusterName, NodeName } from '../../core/model/names.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { SynchronousWord } from '../../core/model/synchronous-word.ts';
import type { TimelineId } from '../../core/model/timeline.ts';
import { readAdoption } from '../../world/files/adoption.ts';
import { readControlFile, type ControlFile } from '../../world/postgres/control-data.ts';
import { lockDataDirectory, type DataDirectoryLock } from '../../world/postgres/data-directory-lock.ts';
import { findEndOfWal } from '../../world/postgres/end-of-wal.ts';
import { historyHash } from '../../world/postgres/history-hash.ts';
import { killPostgres } from '../../world/postgres/kill.ts';
import { readOwnBranch } from '../../world/postgres/own-branch.ts';
import { processesOf } from '../../world/postgres/processes.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import { secondsSince, type RunStep } from '../procedures/run-step.ts';
import { takeVipAway } from '../procedures/take-vip-away.ts';
import { deferredSteps } from './deferred-steps.ts';

/** What was last seen of the server; null = not known, then the data directory is asked. */
export interface LastSeen {
  readonly lease: LeaseId;
  readonly timeline: TimelineId | null;
  /** Any LSN that it had flushed: the nearer to the end, the faster the end is found. */
  readonly flushLsn: Lsn | null;
  /** How its commits waited for standbys. */
  readonly synchronous: SynchronousWord | null;
}

export interface ProvenDeath {
  readonly certificate: DeathCertificate;
  /** Stands; to be released only when the successor needs no WAL any more, or when this node itself starts again. */
  readonly lock: DataDirectoryLock;
  /** Seconds by part. `kill`: until no process was left, the lock included; `vip`: beside it. */
  readonly seconds: Readonly<Record<'kill' | 'vip' | 'wal' | 'total', number>>;
  /** Resolves, and never rejects, when the journal is written. */
  readonly journaled: Promise<void>;
}

/** A postmaster that was just starting can appear between the last kill and the lock, but only before the lock stands. */
const LOCK_ATTEMPTS = 3;

/**
 * Throws `postcondition-missing` where a process outlives SIGKILL or the VIP stays, and whatever keeps the end of WAL from being found:
 * then the lease may not be given away and has to run out by itself. Nothing stays locked after an error.
 */
export async function proveDeath(context: ProcedureContext, last: LastSeen): Promise<ProvenDeath> {
  const { clock } = context;
  const start = clock.monotonicMillis();
  const { step, write } = deferredSteps(context, 'prove-death');
  // The kill begins first: a client that loses its session gets an error at once, one that loses the address waits for its limit.
  const death = endAndLock(context, step);
  const control = readControlFile(context.runner, context.cluster.postgres);
  const vip = takeVipAway(context, step);
  const [dead, away] = await Promise.allSettled([
    death.then((it) => withEnd(context, step, last, it, control)),
    vip,
  ]);
  const journaled = write();
  if (dead.status === 'rejected') throw dead.reason;
  const { lock, killSeconds, walSeconds, ...found } = dead.value;
  if (away.status === 'rejected') {
    await lock.release();
    throw away.reason;
  }
  const seconds = {
    kill: killSeconds,
    vip: away.value.seconds,
    wal: walSeconds,
    total: secondsSince(context, start),
  };
  return { certificate: certify(context, last, found), lock, seconds, journaled };
}

interface Ended {
  readonly lock: DataDirectoryLock;
  readonly killSeconds: number;
}

/** Ends every process and locks the data directory beside it, until both hold at once. */
async function endAndLock(context: ProcedureContext, step: RunStep): Promise<Ended> {
  const { cluster, clock } = context;
  const { dataDirectory } = cluster.postgres;
  const limitSeconds = cluster.timings.stopKillSeconds;
  const start = clock.monotonicMillis();
  for (let attempt = 1; attempt <= LOCK_ATTEMPTS; attempt += 1) {
    const [killed, locked] = await Promise.allSettled([
      step('end-postgres', () => killPostgres(dataDirectory, clock, limitSeconds, false)),
      step('lock-data-directory', () => lockDataDirectory(cluster.postgres, limitSeconds * 1_000)),
    ]);
    if (locked.status === 'rejected') throw killed.status === 'rejected' ? killed.reason : locked.reason;
    const lock = locked.value;
    try {
      if (killed.status === 'rejected') throw killed.reason;
      if ((await processesOf(dataDirectory)).length === 0)
        return { lock, killSeconds: secondsSince(context, start) };
    } catch (error) {
      await lock.release();
      throw error;
    }
    await lock.release();
  }
  throw new PrimacyError(
    'postcondition-missing',
    `cannot prove PostgreSQL dead on ${context.node.name}: it was started again ${LOCK_ATTEMPTS} times`,
    { retryable: true },
  );
}

interface Found {
  readonly control: ControlFile;
  readonly timeline: TimelineId;
  readonly history: string;
  readonly endLsn: Lsn;
}

/** Reads what the certificate tells of the data directory; releases the lock where that fails. */
async function withEnd(
  context: ProcedureContext,
  step: RunStep,
  last: LastSeen,
  ended: Ended,
  control: Promise<Known<ControlFile>>,
): Promise<Ended & Found & { readonly walSeconds: number }> {
  const start = context.clock.monotonicMillis();
  try {
    const found = await step(
      'find-end-of-wal',
      () => findEnd(context, last, control),
      (it) => `${formatLsn(it.endLsn)} on timeline ${it.timeline}`,
    );
    return { ...ended, ...found, walSeconds: secondsSince(context, start) };
  } catch (error) {
    await ended.lock.release();
    throw error;
  }
}

async function findEnd(
  context: ProcedureContext,
  last: LastSeen,
  reading: Promise<Known<ControlFile>>,
): Promise<Found> {
  const { cluster, runner, node } = context;
  const { postgres } = cluster;
  const timeoutMs = cluster.timings.rescueSeconds * 1_000;
  const [control, branch] = await Promise.all([
    reading,
    readOwnBranch(runner, postgres.dataDirectory, last.timeline, timeoutMs),
  ]);
  if (control.kind === 'unknown')
    throw new PrimacyError('output-invalid', `cannot certify the death of ${node.name}: ${control.reason}`);
  const { checkpointLsn, systemIdentifier, walSegmentBytes } = control.value;
  const expected = await systemOfCluster(context);
  if (expected !== null && systemIdentifier !== expected)
    throw new PrimacyError(
      'refused',
      `cannot certify the death of ${node.name}: its data directory has system identifier ${systemIdentifier}, the cluster's is ${expected}`,
    );
  const begin = branch.history.at(-1)?.switchLsn ?? (0n as Lsn);
  const near = last.flushLsn ?? checkpointLsn;
  const endLsn = await findEndOfWal(runner, {
    binDirectory: postgres.binDirectory,
    directory: `${postgres.dataDirectory}/pg_wal`,
    files: branch.files,
    timeline: branch.timeline,
    near: near > begin ? near : begin,
    begin,
    segmentBytes: walSegmentBytes,
    timeoutMs,
  });
  if (isLost(last.flushLsn, endLsn))
    throw new PrimacyError(
      'output-invalid',
      `cannot certify the death of ${node.name}: its WAL ends at ${formatLsn(endLsn)}, and ${formatLsn(last.flushLsn ?? endLsn)} was seen flushed`,
    );
  return { control: control.value, timeline: branch.timeline, history: branch.text, endLsn };
}

/** As primacy.yml has it, or, where it names none, as the adoption wrote it down; null where neither does. Throws where that cannot be read. */
async function systemOfCluster({ cluster, node, paths }: ProcedureContext): Promise<string | null> {
  if (cluster.systemIdentifier !== null) return cluster.systemIdentifier;
  const adoption = await readAdoption(paths.adoption);
  if (adoption.kind === 'unknown')
    throw new PrimacyError('output-invalid', `cannot certify the death of ${node.name}: ${adoption.reason}`);
  return adoption.value?.systemIdentifier ?? null;
}

/**
 * WAL that was seen flushed cannot be missing on a healthy disk: such an end would certify a loss as if it were none. Only whole pages are
 * flushed within a record (`XLogBackgroundFlush`), so that a page's beginning proves nothing of the record that it cuts.
 */
function isLost(seen: Lsn | null, end: Lsn): boolean {
  return seen !== null && seen % WAL_PAGE_BYTES !== 0n && end < seen;
}

function certify(
  context: ProcedureContext,
  { lease, synchronous }: LastSeen,
  found: Found,
): DeathCertificate {
  const { cluster, node } = context;
  return {
    cluster: cluster.name as ClusterName,
    node: node.name as NodeName,
    epoch: lease.epoch,
    leaseUuid: lease.uuid,
    systemIdentifier: found.control.systemIdentifier,
    timeline: found.timeline,
    historyHash: historyHash(found.history),
    endLsn: found.endLsn,
    walSegmentBytes: found.control.walSegmentBytes,
    synchronous,
  };
}
