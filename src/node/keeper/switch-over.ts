/** A planned change of roles: a checkpoint while clients still write, a second decision, the step down, and a look at the new primary. */
import {
  decideSwitchover,
  type SwitchoverDecision,
  type SwitchoverRefusal,
} from '../../core/guard/decide-switchover.ts';
import { parseLsn } from '../../core/model/lsn.ts';
import type { NodeName } from '../../core/model/names.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { describeLostSlot, lostSlots } from '../../core/model/replication-slot.ts';
import { bootMillis, pollUntil } from '../../world/clock.ts';
import { objectOf, textOf } from '../../world/json-fields.ts';
import { checkpoint } from '../../world/postgres/survivor.ts';
import { secondsSince } from '../procedures/run-step.ts';
import { sessionTo } from '../procedures/survivor-session.ts';
import type { KeeperContext } from './context.ts';
import type { Keeper } from './keeper.ts';
import { PEER_FRESH_MS } from './limits.ts';

export interface SwitchoverParts {
  readonly context: KeeperContext;
  readonly keeper: Keeper;
}

export interface SwitchoverRequest {
  /** Whom a person named; null = the best. */
  readonly to: NodeName | null;
}

/** What was seen after the step down. */
export interface SwitchoverEnd {
  readonly switched: boolean;
  readonly code: 'switched' | 'another-took-over' | 'taken-back' | 'not-taken-over';
  readonly reason: string;
  /** Who is primary; where nobody is seen, who was chosen. */
  readonly successor: NodeName;
}

export interface SwitchoverAnswer {
  /** Another node is primary. */
  readonly switched: boolean;
  /**
   * `not-begun`: the agent was busy with something else. `another-took-over`: the chosen standby was not ready any more, another one was.
   * `taken-back`: none was, so that this node is primary again. `not-taken-over`: the place was given up, and nobody is seen in it.
   */
  readonly code: SwitchoverRefusal | SwitchoverEnd['code'] | 'not-begun';
  /** One sentence without full stop. */
  readonly reason: string;
  readonly successor: NodeName | null;
  /** checkpoint: beforehand, while clients wrote; handOver: from the order to stop until the successor said that it is primary. */
  readonly seconds: Readonly<Record<'checkpoint' | 'handOver', number>> | null;
  /** Logical replication slots that the new primary does not have, a sentence each: they have to be made there again. */
  readonly lostSlots: readonly string[];
}

const POLL_MS = 20;

/** Throws `usage` where the document is not such a request. */
export function parseSwitchoverRequest(document: unknown): SwitchoverRequest {
  try {
    const { to } = objectOf(document, 'switchover');
    return { to: to === null ? null : (textOf(to, 'to') as NodeName) };
  } catch (error) {
    throw new PrimacyError('usage', `cannot read the switchover: ${errorText(error)}`, { cause: error });
  }
}

/** Changes nothing where it refuses. Throws where the checkpoint beforehand failed: nothing was changed then, either. */
export async function switchOver(
  { context, keeper }: SwitchoverParts,
  { to }: SwitchoverRequest,
): Promise<SwitchoverAnswer> {
  const { clock, cluster } = context;
  const first = decide(context, keeper, to);
  if (first.kind === 'refused') return refusal(first);
  const began = clock.monotonicMillis();
  await checkpointNow(context);
  const checkpointSeconds = secondsSince(context, began);
  // The checkpoint may have taken minutes.
  const decision = decide(context, keeper, to);
  if (decision.kind === 'refused') return refusal(decision);
  const { successor, reason } = decision;
  // A standby follows: the failover that made this node primary was made good, also where nobody has looked since.
  context.memory.markRejoined();
  const slots = logicalSlots(context);
  const struck = clock.monotonicMillis();
  const begun = await keeper.stepDownFor(successor, `a switchover was asked for: ${reason}`);
  if (!begun)
    return {
      switched: false,
      code: 'not-begun',
      reason: 'another procedure of the agent is under way',
      successor: null,
      seconds: null,
      lostSlots: [],
    };
  const { handOverSeconds, rescueSeconds, promoteSeconds } = cluster.timings;
  const limitMs = (handOverSeconds + rescueSeconds + promoteSeconds) * 1_000;
  const seen = await pollUntil(clock, limitMs, POLL_MS, async () => newPrimary(context));
  const seconds = { checkpoint: checkpointSeconds, handOver: secondsSince(context, struck) };
  const end = endOf(context.node.name as NodeName, successor, seen ?? null);
  return { ...end, seconds, lostSlots: end.switched ? slots : [] };
}

/** `primary`: who is seen to be primary now; null = nobody. */
export function endOf(self: NodeName, chosen: NodeName, primary: NodeName | null): SwitchoverEnd {
  if (primary === null)
    return {
      switched: false,
      code: 'not-taken-over',
      reason: `${chosen} was given the place and is not seen to be primary; see primacy status`,
      successor: chosen,
    };
  if (primary === self)
    return {
      switched: false,
      code: 'taken-back',
      reason: `${self} had to become primary again: no standby was ready to take over any more`,
      successor: self,
    };
  if (primary === chosen)
    return { switched: true, code: 'switched', reason: `${chosen} is primary`, successor: chosen };
  const reason = `${primary} is primary: ${chosen} was not ready to take over any more`;
  return { switched: true, code: 'another-took-over', reason, successor: primary };
}

function refusal({ code, reason }: Extract<SwitchoverDecision, { kind: 'refused' }>): SwitchoverAnswer {
  return { switched: false, code, reason, successor: null, seconds: null, lostSlots: [] };
}

/** As they are before the stop, where their consumers may confirm more. */
function logicalSlots({ own, node }: KeeperContext): readonly string[] {
  const sample = own.sample(bootMillis());
  return sample.kind === 'known' ? lostSlots(node.name, sample.value.slots, []).map(describeLostSlot) : [];
}

function decide(context: KeeperContext, keeper: Keeper, to: NodeName | null): SwitchoverDecision {
  const { own, cluster } = context;
  const { snapshot, report } = keeper.look();
  const lsn = report.server?.lsn ?? null;
  return decideSwitchover({
    duty: snapshot,
    to,
    ownLsn: lsn === null ? null : parseLsn(lsn),
    streaming: own.streamingTo(bootMillis()),
    synchronous: report.server?.synchronous ?? null,
    maxLagBytes: cluster.failover.lossBytes,
  });
}

/** The one of the shutdown is short then: clients do not wait for what can be written before. */
async function checkpointNow(context: KeeperContext): Promise<void> {
  const session = sessionTo(context, context.local);
  try {
    await checkpoint(session, context.cluster.timings.rewindSeconds * 1_000);
  } finally {
    await session.close();
  }
}

/** Another node that holds the lease and says that it is primary; or this one again, where nobody could take over. */
function newPrimary({ lease, node, own }: KeeperContext): NodeName | undefined {
  const holder = lease.memory().lease?.holder;
  if (holder === undefined) return undefined;
  if (holder === node.name)
    return lease.entitledUntil() !== null &&
      own.role(bootMillis()) === 'primary' &&
      own.seen.state === 'writable'
      ? holder
      : undefined;
  const peer = lease.peers().get(holder);
  const fresh = peer !== undefined && bootMillis() - peer.heardAt <= PEER_FRESH_MS;
  return fresh && peer.report.server?.role === 'primary' ? holder : undefined;
}
