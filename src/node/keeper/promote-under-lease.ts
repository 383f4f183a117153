/** Promotes this node's server under the lease that it holds, after the WAL that it owes for that lease is here. */
import { judgeGap, type GapEvidence } from '../../core/guard/judge-synchronous.ts';
import type { LeaseId } from '../../core/lease/lease.ts';
import type { DeathCertificate } from '../../core/model/death-certificate.ts';
import { known, unknown } from '../../core/model/known.ts';
import { formatLsn, parseLsn } from '../../core/model/lsn.ts';
import type { NodeName } from '../../core/model/names.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { walEndpoints } from '../hand-over/context.ts';
import { bytesLeftBehind } from '../hand-over/left-behind.ts';
import { promoteServer, type PromotionReport } from '../hand-over/promote-server.ts';
import { rescueTail, type RescueOutcome } from '../hand-over/rescue-tail.ts';
import { bootMillis } from '../../world/clock.ts';
import { clearLeaseLost } from './lease-lost.ts';
import { PEER_FRESH_MS } from './limits.ts';
import type { Done, KeeperContext } from './context.ts';

/**
 * Rescue, policy on a gap, promotion, epoch row, gate. Throws `refused` where more would be lost than the configuration allows: the lease
 * stays, the rescue is tried again, and a person sees it. Throws `superseded` where the lease ended meanwhile.
 */
export async function promoteUnderLease(context: KeeperContext, lease: LeaseId): Promise<Done> {
  const { memory, log } = context;
  const { owed } = memory;
  if (owed.kind === 'unknown')
    throw new PrimacyError('refused', `cannot promote ${context.node.name}: ${owed.reason}`);
  const rescue = owed.value === null ? null : await rescueFrom(context, owed.value);
  requireLease(context, lease);
  const promotion = await promoteQuietly(context, lease);
  // The gate opens on a node without a marker.
  await clearLeaseLost(context);
  await context.epochWritten(lease);
  memory.settle();
  const lostSlots = await context.slots.promoted();
  if (lostSlots.length > 0)
    log.error({ lostSlots }, 'promoted without the logical slots of the last primary');
  const done = {
    timeline: promotion.timeline,
    ...(lostSlots.length === 0 ? {} : { lostSlots }),
    seconds: promotion.seconds,
    rescue: rescue && described(rescue),
  };
  if (rescue?.kind !== 'gap' || owed.value === null) return done;
  const leftBehind = await whatIsLeftBehind(context, owed.value);
  if (leftBehind !== 0)
    log.error({ bytes: leftBehind ?? rescue.bytes, reason: rescue.reason }, 'promoted with a gap in the WAL');
  return { ...done, leftBehindBytes: leftBehind };
}

/** Nobody is told how commits wait here until that is decided: a word of the moment between would outlive it. */
async function promoteQuietly(context: KeeperContext, lease: LeaseId): Promise<PromotionReport> {
  const { own } = context;
  own.promoting = true;
  own.epochConfirmed = false;
  try {
    const report = await promoteServer(context, lease);
    own.forgetLooks(bootMillis());
    return report;
  } finally {
    own.promoting = false;
  }
}

/** Null where the promoted server did not tell: then the gap that was known before it counts. */
async function whatIsLeftBehind(
  context: KeeperContext,
  certificate: DeathCertificate,
): Promise<number | null> {
  try {
    return await bytesLeftBehind(context, certificate);
  } catch (error) {
    context.log.warn({ error: errorText(error) }, 'cannot tell what the promotion left behind');
    return null;
  }
}

async function rescueFrom(context: KeeperContext, certificate: DeathCertificate): Promise<RescueOutcome> {
  const { cluster, node } = context;
  const dead = cluster.nodes.find((it) => it.name === certificate.node);
  const endpoints = dead === undefined ? [] : walEndpoints(cluster, dead);
  const outcome = await rescueTail(context, certificate, endpoints, context.signal);
  if (outcome.kind === 'complete') return outcome;
  const verdict = judgeGap(gapEvidence(context, certificate, outcome));
  if (verdict.state !== 'pass')
    throw new PrimacyError('refused', `cannot promote ${node.name}: ${verdict.reason}: ${outcome.reason}`, {
      retryable: true,
    });
  return outcome;
}

function gapEvidence(
  { cluster, node, lease, own }: KeeperContext,
  { node: primary, synchronous }: DeathCertificate,
  { bytes, from }: Extract<RescueOutcome, { kind: 'gap' }>,
): GapEvidence {
  const now = bootMillis();
  const heard = [...lease.peers().values()].filter((it) => now - it.heardAt <= PEER_FRESH_MS);
  return {
    primary,
    bytes,
    lossBytes: cluster.failover.lossBytes,
    word: synchronous === null ? unknown('whether its commits waited was not seen') : known(synchronous),
    self: { node: node.name as NodeName, streamsAs: own.settings.last?.streamsAs ?? null, lsn: from },
    heard: heard.flatMap(({ report: { node: name, server } }) =>
      server?.role === 'standby'
        ? { node: name, streamsAs: server.streamsAs, lsn: server.lsn === null ? null : parseLsn(server.lsn) }
        : [],
    ),
    standbys: cluster.nodes.filter((it) => it.kind === 'database').length - 1,
  };
}

/** The machine says whose lease it is; nothing else does. */
function requireLease(context: KeeperContext, lease: LeaseId): void {
  const until = context.lease.entitledUntil();
  if (until === null || until <= bootMillis() || context.lease.held()?.uuid !== lease.uuid)
    throw new PrimacyError('superseded', `cannot promote ${context.node.name}: the lease has ended`);
}

function described(outcome: RescueOutcome): Done {
  return outcome.kind === 'complete'
    ? outcome
    : { ...outcome, from: outcome.from && formatLsn(outcome.from), to: formatLsn(outcome.to) };
}
