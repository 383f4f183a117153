/** Runs the one procedure that a duty asks for. */
import type { Duty } from '../../core/guard/duty.ts';
import type { NodeName } from '../../core/model/names.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { bootMillis } from '../../world/clock.ts';
import { followApart, joinApart } from '../start/join-apart.ts';
import type { Done, KeeperContext } from './context.ts';
import { fenceHere } from './fence-here.ts';
import { startHere } from './start-here.ts';
import { stepDown } from './step-down.ts';
import { adoptLease, promoteHere, reclaim, succeed, takeOver } from './take-place.ts';

/** Duties that ask for nothing to be done. */
export function isIdle({ kind }: Duty): boolean {
  return kind === 'observe' || kind === 'hold' || kind === 'wait';
}

/** Ends with what was done. Throws PrimacyError where it could not be done; the next look decides anew. */
export async function act(context: KeeperContext, duty: Duty): Promise<Done> {
  switch (duty.kind) {
    case 'observe':
    case 'hold':
    case 'wait':
      return {};
    case 'fence': {
      const { state } = context.own.seen;
      return fenceHere(context, state === 'writable' || state === 'orphans');
    }
    case 'step-down':
      return stepDown(context, duty.cause, duty.successor);
    case 'promote-here':
      return promoteHere(context);
    case 'succeed':
      return succeed(context);
    case 'take-over':
      return takeOver(context);
    case 'adopt-lease':
      return adoptLease(context);
    case 'reclaim':
      return reclaim(context);
    case 'start':
      return startHere(context);
    case 'join':
      return join(context, duty.holder);
    case 'follow':
      return follow(context, duty.holder);
  }
}

/** A join begins with what a follow does, and goes on where that is not enough; by the policy `observe` it may not. */
async function follow(context: KeeperContext, holder: NodeName): Promise<Done> {
  if (context.policy !== 'observe') return join(context, holder);
  return { ...(await followApart(context.identity, context.paths, holder)) };
}

async function join(context: KeeperContext, holder: NodeName): Promise<Done> {
  const { identity, paths, policy, memory, walServer, node, own } = context;
  walServer.withdraw();
  await memory.releaseDeathLock();
  const asked = policy === 'observe' && memory.plannedHolder === holder ? 'approve' : policy;
  const outcome = await joinApart(identity, paths, holder, asked);
  if (outcome.kind === 'refused')
    throw new PrimacyError(
      'refused',
      `cannot join ${node.name} to ${holder}: ${outcome.code}: ${outcome.reason}`,
    );
  memory.plannedHolder = null;
  // A running server was told by a reload: by its old settings it would be pointed there once more, with a restart.
  own.settings.forget(bootMillis());
  const { how, seconds, account } = outcome;
  return { how, seconds, discardedTransactions: account?.transactions ?? 0, bundle: account?.bundle ?? null };
}
