/** An agent that ends in order makes its lease long enough for the one that comes next, in writing by a majority; that one makes it short again. */
import { whyNoLeave } from '../../core/guard/judge-leave.ts';
import { isLeaveOpen, leaveWords } from '../../core/lease/leave.ts';
import { bootMillis } from '../../world/clock.ts';
import { hostIsStopping } from '../../world/host-stopping.ts';
import type { Runner } from '../../world/remote/runner.ts';
import type { KeeperContext } from './context.ts';
import type { Keeper, KeeperState } from './keeper.ts';
import { shortenKernelLease } from './shorten-kernel-lease.ts';

export interface LeaveParts {
  readonly context: Pick<KeeperContext, 'clock' | 'cluster' | 'journal' | 'lease' | 'log'> & {
    readonly kernelLease: Pick<KeeperContext['kernelLease'], 'endsBy'>;
  };
  /** Runs on this host. */
  readonly runner: Runner;
  readonly keeper: Pick<Keeper, 'tick' | 'settled'> & {
    readonly look: () => Pick<KeeperState, 'snapshot' | 'duty'>;
  };
}

/** What is under way when the agent is told to end gets so long: a promotion, or a proof and its transfer. */
const SETTLE_LIMIT_MS = 5_000;
/** A few renewals: a majority that is there has answered by then. */
const MAJORITY_LIMIT_MS = 2_000;

/**
 * To be called once, when the agent is told to end and while its lease is still renewed. The fences go on reading the deadline, so that a
 * primary whose agent does not come back ends with that term; the voters wait as long, and a promotion wait more. Never throws: where the
 * lease cannot be left, it runs out as if the agent had been killed.
 */
export async function leaveLease({ context, runner, keeper }: LeaveParts): Promise<void> {
  const { clock, cluster, lease, log } = context;
  await keeper.settled(SETTLE_LIMIT_MS);
  keeper.tick();
  const { snapshot, duty } = keeper.look();
  const obstacle = (await hostIsStopping(runner))
    ? 'the host is being stopped, and another node may take over soon'
    : whyNoLeave(snapshot, duty);
  if (obstacle !== null) {
    log.info({ reason: obstacle }, 'the lease is not left for another agent');
    return;
  }
  const forMs = cluster.timings.agentRestartSeconds * 1_000;
  const words = leaveWords(new Date(clock.wallMillis() + forMs).toISOString());
  await write(context, 'leave', 'intent', `until ${words.until}`);
  const held = await lease.pause(bootMillis() + forMs, words, MAJORITY_LIMIT_MS);
  // The kernel is told of the new deadline, too.
  keeper.look();
  if (held?.counts === true) {
    await write(context, 'leave', 'done', `until ${words.until}`);
    log.info({ until: words.until }, 'the lease is left for the agent that comes next');
    return;
  }
  const reason = 'no majority of the voters has it in writing, so that the lease runs out soon';
  await write(context, 'leave', 'failed', reason);
  log.warn({ reason }, 'cannot leave the lease for the agent that comes next');
}

/**
 * The step of a new agent: ends what the one before it left, as soon as a majority renews the lease, with the fences first. Nothing where
 * nothing was left.
 */
export function createTakeUp({
  context,
  keeper,
}: Pick<LeaveParts, 'context' | 'keeper'>): () => Promise<void> {
  const { lease, log } = context;
  let began = false;
  return async () => {
    if (lease.held() === null || !isLeaveOpen(lease.memory().pause)) return;
    if (!began) await write(context, 'take-up', 'intent', 'the lease that the agent before left');
    began = true;
    const ended = await lease.endPause(async () => {
      keeper.look();
      await shortenKernelLease(context);
    });
    if (!ended) return;
    began = false;
    await write(context, 'take-up', 'done', 'the lease is as short as ever');
    log.info({}, 'the lease that the agent before left was taken up');
  };
}

/** An agent that ends must not be held up by its journal. */
async function write(
  { clock, journal, log }: LeaveParts['context'],
  procedure: 'leave' | 'take-up',
  event: 'intent' | 'done' | 'failed',
  detail: string,
): Promise<void> {
  const at = clock.wallMillis();
  await journal
    .append({ at, remediation: null, procedure, step: procedure, event, detail })
    .catch((error: unknown) =>
      log.error({ error: String(error) }, `cannot write ${procedure} to the journal`),
    );
}
