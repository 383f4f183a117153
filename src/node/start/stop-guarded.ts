/** The planned stop of this node's server: PostgreSQL first, so that clients get an error and not silence, and the VIP after it. */
import { STOPPED, STOPPED_FOR_SUCCESSOR } from '../../core/guard/stop-markers.ts';
import { entitledBy } from '../../core/guard/start-view.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil } from '../../world/clock.ts';
import { readAdoption } from '../../world/files/adoption.ts';
import { postmasterOf, processesOf } from '../../world/postgres/processes.ts';
import { stopPostgres, type StopMode } from '../../world/postgres/service.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import { readMarker } from '../procedures/preconditions.ts';
import { secondsSince, stepsOf } from '../procedures/run-step.ts';
import { askVoters } from './ask-voters.ts';
import { orderOfJoin } from './join-order.ts';
import { setMarker } from './lease-lost.ts';
import { underNodeLock } from './node-lock.ts';
import { takeVipAwayUnlessGone } from './vip-gone.ts';

export interface StopOptions {
  readonly mode: StopMode;
  /** Seconds; a stop that takes longer goes on by itself. */
  readonly limitSeconds: number;
  /** Give the lease to a successor that is ready. */
  readonly handOver: boolean;
  readonly progress: (sentence: string) => void;
}

export interface StopReport {
  readonly code: 'stopped' | 'already-stopped' | 'locked' | 'fenced' | 'not-stopped' | 'not-handed-over';
  /** 0 done, 10 refused and nothing changed, 20 failed after something changed. */
  readonly exitCode: 0 | 10 | 20;
  readonly sentence: string;
  /** Who was ready to take over and was not asked to; null = nobody, or it was asked. */
  readonly readySuccessor: string | null;
  readonly seconds: number;
}

type Stopped = Omit<StopReport, 'seconds'>;

const POLL_MILLIS = 50;

/** Under the node lock, by which the agent sees that the stop is meant. Never rejects for what can happen at a stop. */
export async function stopGuarded(context: ProcedureContext, options: StopOptions): Promise<StopReport> {
  const start = context.clock.monotonicMillis();
  const end = (stopped: Stopped): StopReport => ({ ...stopped, seconds: secondsSince(context, start) });
  const failed = (code: StopReport['code'], exitCode: 10 | 20, why: string): Stopped => ({
    code,
    exitCode,
    sentence: `cannot stop PostgreSQL on ${context.node.name}: ${why}`,
    readySuccessor: null,
  });
  try {
    const ready = await readySuccessor(context);
    if (options.handOver && ready === null)
      return end(failed('not-handed-over', 10, 'no successor is ready to take over'));
    const stopped = await underNodeLock(context, 'stop', (locked) => stopLocked(locked, options, failed));
    if (stopped.exitCode !== 0) return end(stopped);
    if (!options.handOver) return end({ ...stopped, readySuccessor: ready });
    return end(await untilHandedOver(context, options, stopped, failed));
  } catch (error) {
    const locked = error instanceof PrimacyError && error.code === 'locked';
    return end(failed(locked ? 'locked' : 'not-stopped', locked ? 10 : 20, errorText(error)));
  }
}

type Failed = (code: StopReport['code'], exitCode: 10 | 20, why: string) => Stopped;

async function stopLocked(context: ProcedureContext, options: StopOptions, failed: Failed): Promise<Stopped> {
  const { cluster, node, runner } = context;
  const order = await orderOfJoin(context);
  const step = stepsOf(context, 'stop', order);
  const marker = await readMarker(context);
  const running = (await processesOf(cluster.postgres.dataDirectory)).length > 0;
  if (running) {
    options.progress(`stopping PostgreSQL (${options.mode})`);
    await step(`stop-postgres-${options.mode}`, () =>
      stopPostgres(runner, cluster.postgres, options.mode, options.limitSeconds),
    );
    const left = await processesOf(cluster.postgres.dataDirectory);
    if (left.length > 0) return failed('not-stopped', 20, whatIsLeft(left, options.limitSeconds));
  }
  const vip = await takeVipAwayUnlessGone(context, step);
  if (vip !== null) return failed('not-stopped', 20, `PostgreSQL is down, but the VIP is not gone: ${vip}`);
  // Somebody else's marker says more than ours; before adoption nobody would start the server again.
  const adoption = await readAdoption(context.paths.adoption);
  if (marker === null && adoption.kind === 'known' && adoption.value !== null)
    await step('set-marker', () =>
      setMarker(context, order, options.handOver ? STOPPED_FOR_SUCCESSOR : STOPPED, 'fenced'),
    );
  return {
    code: running ? 'stopped' : 'already-stopped',
    exitCode: 0,
    sentence: `${node.name}: PostgreSQL is down${running ? '' : ', as it was before'}, the VIP is not here`,
    readySuccessor: null,
  };
}

function whatIsLeft(left: Awaited<ReturnType<typeof processesOf>>, limitSeconds: number): string {
  return postmasterOf(left) === null
    ? `${left.length} processes outlive the postmaster`
    : `it still stops after ${limitSeconds} s, and goes on doing so`;
}

/** Only while this node is entitled: a standby's stop costs nobody anything. */
async function readySuccessor(context: ProcedureContext): Promise<string | null> {
  const answers = await askVoters(context);
  const own = answers.own.kind === 'known' ? answers.own.value : null;
  if (entitledBy(own) !== context.node.name) return null;
  for (const [node, { ready, role }] of answers.peers) if (ready && role === 'standby') return node;
  return null;
}

/** The agent proves the death of the stopped server and gives its lease away; this only watches. */
async function untilHandedOver(
  context: ProcedureContext,
  options: StopOptions,
  stopped: Stopped,
  failed: Failed,
): Promise<Stopped> {
  const { timings } = context.cluster;
  options.progress('waiting for the agent to hand over');
  const limitMs = (timings.handOverSeconds + timings.rescueSeconds + timings.promoteSeconds) * 1_000;
  const heir = await pollUntil(context.clock, limitMs, POLL_MILLIS, async () => {
    const { own } = await askVoters(context);
    const entitled = own.kind === 'known' ? entitledBy(own.value) : null;
    return entitled !== null && entitled !== context.node.name ? entitled : undefined;
  });
  if (heir === undefined)
    return failed('not-handed-over', 20, 'PostgreSQL is down, but the lease was not given to a successor');
  return { ...stopped, sentence: `${stopped.sentence}; ${heir} takes over` };
}
