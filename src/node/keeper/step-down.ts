/** A holder gives up its place: it proves that its own server is dead, and gives the lease to a successor or starts again here. */
import { chooseSuccessor } from '../../core/guard/choose-successor.ts';
import { debtOf, inheritedProof } from '../../core/guard/debt.ts';
import type { StepDownCause } from '../../core/guard/duty.ts';
import { certificateToJson, type DeathCertificate } from '../../core/model/death-certificate.ts';
import type { Known } from '../../core/model/known.ts';
import { formatLsn, type Lsn } from '../../core/model/lsn.ts';
import type { NodeName } from '../../core/model/names.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { parseTimelineId } from '../../core/model/timeline.ts';
import { bootMillis, pollUntil } from '../../world/clock.ts';
import { stopPostgres } from '../../world/postgres/service.ts';
import { proveDeath, type ProvenDeath } from '../hand-over/prove-death.ts';
import type { Done, KeeperContext } from './context.ts';
import { PEER_FRESH_MS } from './limits.ts';
import { othersOf } from './lease-view.ts';
import { startHere } from './start-here.ts';

/** A transfer is repeated every 50 ms; who has not taken it by then is not there. */
const TRANSFER_LIMIT_MS = 1_500;
const SUCCESSOR_LIMIT_MS = 1_000;
const POLL_MS = 10;

const ANSWERS_STILL: ReadonlySet<StepDownCause> = new Set<StepDownCause>([
  'cannot-write',
  'no-vip',
  'guards-missing',
  'switchover',
]);

/**
 * `cause`: a server that can still answer is asked to stop first, so that its clients get an error and its standby the last WAL.
 * `wanted`: who is asked first; another takes over where that one is not ready any more, for by then the server is down.
 * A death that cannot be proven ends with `abandon`: the lease runs out by itself and is never given away. Throws then.
 */
export async function stepDown(
  context: KeeperContext,
  cause: StepDownCause,
  wanted: NodeName | null,
): Promise<Done> {
  const { lease, cluster, memory, walServer } = context;
  const held = lease.held();
  if (held === null)
    throw new PrimacyError('superseded', `cannot step down from ${context.node.name}: no lease`);
  if (ANSWERS_STILL.has(cause))
    await stopPostgres(context.runner, cluster.postgres, 'fast', cluster.timings.stopFastSeconds);
  const proven = await proveOrAbandon(context);
  memory.deathLock = proven.lock;
  // Chosen now and not before: the proof took time, in which a standby may have gone or received more.
  const debt = debtOf(memory.owed, { ...proven.certificate, lsn: proven.certificate.endLsn });
  const successor = await findSuccessor(context, cause, wanted, debt);
  const facts = { cause, endLsn: formatLsn(proven.certificate.endLsn), seconds: proven.seconds };
  if (successor === null || memory.owed.kind === 'unknown')
    return { ...facts, successor: null, ...(await startHere(context)) };
  walServer.offer(proven.certificate, successor, proven.lock);
  await giveTo(context, successor, inheritedProof(memory.owed.value, proven.certificate));
  if (cause === 'switchover') memory.plannedHolder = successor;
  return { ...facts, successor };
}

/** Who was chosen for a switchover may need a moment to see what became of its primary; starting again here takes no less. */
async function findSuccessor(
  context: KeeperContext,
  cause: StepDownCause,
  wanted: NodeName | null,
  debt: Known<Lsn | null>,
): Promise<NodeName | null> {
  const limitMs = cause === 'switchover' ? SUCCESSOR_LIMIT_MS : 0;
  const look = async (): Promise<NodeName | undefined> => successorNow(context, wanted, debt) ?? undefined;
  return (await pollUntil(context.clock, limitMs, POLL_MS, look)) ?? null;
}

/** Under an override no majority would grant a successor the next epoch. */
function successorNow(
  { lease }: KeeperContext,
  wanted: NodeName | null,
  debt: Known<Lsn | null>,
): NodeName | null {
  if (lease.overrideNow() !== null) return null;
  const others = othersOf(lease);
  const best = (among: typeof others): NodeName | null =>
    chooseSuccessor(among, bootMillis(), PEER_FRESH_MS, debt);
  return best(others.filter((it) => it.node === wanted)) ?? best(others);
}

async function proveOrAbandon(context: KeeperContext): Promise<ProvenDeath> {
  const { lease, own, memory } = context;
  const held = lease.held();
  if (held === null)
    throw new PrimacyError('superseded', `cannot prove death on ${context.node.name}: no lease`);
  await memory.releaseDeathLock();
  const last = own.lastPrimary;
  try {
    return await proveDeath(context, {
      lease: held,
      timeline: last?.timeline.kind === 'known' ? parseTimelineId(last.timeline.value) : null,
      flushLsn: last?.lsn ?? null,
      synchronous: last?.synchronous ?? null,
    });
  } catch (error) {
    lease.abandon();
    throw error;
  }
}

/** From the call on this node is entitled to nothing, whether the transfer arrives or not. */
async function giveTo(
  context: KeeperContext,
  successor: NodeName,
  certificate: DeathCertificate,
): Promise<void> {
  const given = await context.lease.transfer(successor, certificateToJson(certificate), TRANSFER_LIMIT_MS);
  if (!given)
    throw new PrimacyError(
      'timeout',
      `cannot give the lease of ${context.node.name} to ${successor}: no majority has it in writing after ${TRANSFER_LIMIT_MS} ms`,
    );
}
